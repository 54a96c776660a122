using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Options;

namespace SmsGateway.ProviderSimulator.Receipts;

/// <summary>Degraded when the queue is full, since the receipts of new messages are being dropped then.</summary>
internal sealed class ReceiptQueueHealth(ReceiptQueue queue, IOptions<SimulatorOptions> options) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        var held = queue.Held;
        var capacity = options.Value.ReceiptQueueCapacity;
        return Task.FromResult(held < capacity
            ? HealthCheckResult.Healthy($"{held} of {capacity} messages wait for receipts")
            : HealthCheckResult.Degraded($"all {capacity} places of the receipt queue are taken"));
    }
}
