using System.Diagnostics;
using System.Diagnostics.Metrics;


namespace SmsGateway.Workers.Webhooks;

/// <summary>What is measured of webhooks. No label names an account or a host: customers invent them without end.</summary>
internal sealed class WebhookMetrics
{
    private readonly Meter _meter;
    private readonly Counter<long> _calls;
    private readonly Counter<long> _ended;
    private readonly Histogram<double> _duration;
    private readonly Histogram<double> _delay;

    public WebhookMetrics(IMeterFactory meters)
    {
        _meter = meters.Create(WorkersTelemetry.MeterName);
        _calls = _meter.CreateCounter<long>("sms_webhook_calls", "{call}", "Calls to customers, by answer: delivered, failed, gone, refused");
        _ended = _meter.CreateCounter<long>("sms_webhooks_ended", "{event}", "Events that are told no more, by result: delivered, gone, refused, given_up");
        _duration = _meter.CreateHistogram<double>("sms_webhook_call_duration", "s", "Time from a call to its answer", advice: WorkersTelemetry.Seconds);
        _delay = _meter.CreateHistogram<double>("sms_webhook_delay", "s", "Time from a state of a message to its customer having been told", advice: WorkersTelemetry.Seconds);
    }

    /// <summary>Shows how many calls are under way.</summary>
    public void WatchInFlight(Func<int> inFlight) =>
        _meter.CreateObservableGauge("sms_webhook_calls_in_flight", inFlight, "{call}", "Calls to customers under way from this worker");

    public void Called(WebhookAnswerKind answer, TimeSpan duration)
    {
        _calls.Add(1, new KeyValuePair<string, object?>("answer", Name(answer)));
        _duration.Record(duration.TotalSeconds, new TagList { { "answer", Name(answer) } });
    }

    public void Recorded(IReadOnlyCollection<WebhookVerdict> verdicts)
    {
        foreach (var verdict in verdicts.Where(verdict => verdict.Result is not null))
        {
            _ended.Add(1, new KeyValuePair<string, object?>("result", verdict.Result));
            if (verdict.Error is null)
            {
                _delay.Record(Math.Max((verdict.At - verdict.What.HappenedAt).TotalSeconds, 0));
            }
        }
    }

    private static string Name(WebhookAnswerKind answer) => answer switch
    {
        WebhookAnswerKind.Delivered => "delivered",
        WebhookAnswerKind.Gone => "gone",
        WebhookAnswerKind.Refused => "refused",
        _ => "failed",
    };
}
