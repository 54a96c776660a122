using System.Diagnostics.Metrics;

using SmsGateway.Core.Messages;

namespace SmsGateway.Api.Messages;

/// <summary>Counts what the accept path takes and refuses.</summary>
internal sealed class AcceptMetrics
{
    private static readonly KeyValuePair<string, object?>[] Lanes =
        [new("priority", Priority.Normal.Name()), new("priority", Priority.Express.Name())];

    private readonly Counter<long> _accepted;
    private readonly Counter<long> _replayed;
    private readonly Counter<long> _rejected;

    public AcceptMetrics(IMeterFactory meters)
    {
        var meter = meters.Create(ApiTelemetry.MeterName);
        _accepted = meter.CreateCounter<long>("sms_accepted", "{message}", "Messages charged and queued");
        _replayed = meter.CreateCounter<long>("sms_replayed", "{request}", "Repeated sends answered with what the first one got");
        _rejected = meter.CreateCounter<long>("sms_rejected", "{request}", "Sends refused, by the kind of problem");
    }

    public void Accepted(Priority priority, int count = 1) => _accepted.Add(count, Lanes[(int)priority]);

    public void Replayed() => _replayed.Add(1);

    /// <param name="reason">The slug of the problem's type.</param>
    public void Rejected(string reason) => _rejected.Add(1, new KeyValuePair<string, object?>("reason", reason));
}
