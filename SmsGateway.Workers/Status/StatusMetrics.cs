using System.Diagnostics.Metrics;

using SmsGateway.Core.Messages;

namespace SmsGateway.Workers.Status;

/// <summary>What the status flush does, for <c>/metrics</c>.</summary>
internal sealed class StatusMetrics
{
    private readonly Counter<long> _finished;
    private readonly Counter<long> _delivered;
    private readonly Counter<long> _refunded;
    private readonly Counter<long> _parked;
    private readonly Counter<long> _setAside;
    private readonly Histogram<long> _batchSize;
    private readonly Histogram<double> _duration;

    public StatusMetrics(IMeterFactory meters)
    {
        var meter = meters.Create(WorkersTelemetry.MeterName);
        _finished = meter.CreateCounter<long>("sms_finished", "{message}", "Messages that reached a final state, by state");
        _delivered = meter.CreateCounter<long>("sms_delivered", "{message}", "Messages whose delivery a receipt has told");
        _refunded = meter.CreateCounter<long>("sms_refunded", "{message}", "Messages whose cost was given back");
        _parked = meter.CreateCounter<long>("sms_status_parked", "{outcome}", "Outcomes, such as receipts, that came before their message was known");
        _setAside = meter.CreateCounter<long>(
            "sms_status_set_aside", "{outcome}", "What the status flush has set aside, by reason: no_message, or unreadable");
        _batchSize = meter.CreateHistogram<long>("sms_status_batch_size", "{outcome}", "Outcomes in a claim of the status flush");
        _duration = meter.CreateHistogram<double>("sms_status_duration", "s", "Time to write a claim of outcomes", advice: WorkersTelemetry.Seconds);
    }

    public void Flushed(OutcomeBatch batch, WrittenOutcomes written, TimeSpan duration)
    {
        foreach (var (state, messages) in written.Finished)
        {
            _finished.Add(messages, new KeyValuePair<string, object?>("state", state.Name()));
        }

        _delivered.Add(written.Finished.GetValueOrDefault(MessageState.Delivered));
        _refunded.Add(written.Refunded);
        _batchSize.Record(batch.Count);
        _duration.Record(duration.TotalSeconds);
    }

    /// <param name="parked">No message had the id; looked at for the first time.</param>
    /// <param name="expired">No message had the id, and it has waited for long enough.</param>
    /// <param name="unreadable">No outcomes, or refused by the database.</param>
    public void NotWritten(int parked, int expired, int unreadable)
    {
        _parked.Add(parked);
        _setAside.Add(expired, new KeyValuePair<string, object?>("reason", "no_message"));
        _setAside.Add(unreadable, new KeyValuePair<string, object?>("reason", "unreadable"));
    }
}
