using System.Diagnostics.Metrics;

using SmsGateway.Core.Messages;
using SmsGateway.Workers.Providers;

namespace SmsGateway.Workers.Status;

/// <summary>What the status flush does, for <c>/metrics</c>.</summary>
internal sealed class StatusMetrics
{
    private readonly Counter<long> _finished;
    private readonly Counter<long> _refunded;
    private readonly Counter<long> _setAside;
    private readonly Histogram<long> _batchSize;

    public StatusMetrics(IMeterFactory meters)
    {
        var meter = meters.Create(ProviderMetrics.MeterName);
        _finished = meter.CreateCounter<long>("sms_finished", "{message}", "Messages that reached a final state, by state");
        _refunded = meter.CreateCounter<long>("sms_refunded", "{message}", "Messages whose cost was given back");
        _setAside = meter.CreateCounter<long>("sms_status_set_aside", "{outcome}", "Payloads that are no outcomes, or that no message was found for");
        _batchSize = meter.CreateHistogram<long>("sms_status_batch_size", "{outcome}", "Outcomes in a claim of the status flush");
    }

    public void Flushed(OutcomeBatch batch, WrittenOutcomes written, int setAside)
    {
        foreach (var (state, messages) in written.Finished)
        {
            _finished.Add(messages, new KeyValuePair<string, object?>("state", state.Name()));
        }

        _refunded.Add(written.Refunded);
        _setAside.Add(setAside);
        _batchSize.Record(batch.Count);
    }
}
