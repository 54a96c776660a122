using Polly.CircuitBreaker;

using SmsGateway.Core.Providers;
using SmsGateway.Workers.Claims;

namespace SmsGateway.Workers.Providers;

/// <summary>Tells everyone how the breakers of this worker stand.</summary>
internal sealed class BreakerPublisher(
    IReadOnlyList<ProviderLine> lines, BreakerBoard board, WorkerIdentity worker, TimeProvider clock, ILogger<BreakerPublisher> log)
    : PeriodicService(TimeSpan.FromSeconds(1), clock, log)
{
    protected internal override Task RunRoundAsync(CancellationToken cancellationToken) =>
        board.PublishAsync(worker.Id, lines.Select(line => (line.Name, LevelOf(line.ShownState)))).WaitAsync(cancellationToken);

    private static BreakerLevel LevelOf(CircuitState state) => state switch
    {
        CircuitState.Closed => BreakerLevel.Closed,
        CircuitState.HalfOpen => BreakerLevel.HalfOpen,
        _ => BreakerLevel.Open,
    };
}
