using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace SmsGateway.Workers.Providers;

/// <summary>What is measured of providers.</summary>
internal sealed class ProviderMetrics
{
    private readonly Histogram<double> _latency;
    private readonly Counter<long> _lookUps;
    private readonly List<ProviderLine> _lines = [];

    public ProviderMetrics(IMeterFactory meters)
    {
        var meter = meters.Create(WorkersTelemetry.MeterName);
        _latency = meter.CreateHistogram(
            "sms_provider_request_duration",
            unit: "s",
            description: "Time from asking a provider to take a message to its result",
            advice: WorkersTelemetry.Seconds);
        _lookUps = meter.CreateCounter<long>(
            "sms_provider_look_ups", "{question}", "Times that a provider was asked what has become of a message, by answer");
        meter.CreateObservableGauge(
            "sms_provider_breaker_state",
            () => Each(line => (int)line.ShownState),
            description: "The circuit breaker of a provider: 0 closed, 1 open, 2 half-open, for the next message will test it");
        meter.CreateObservableGauge(
            "sms_provider_capacity", () => Each(line => line.Capacity), description: "Messages that a provider could take now");
    }

    /// <summary>A provider has been asked.</summary>
    public void Asked(string provider, SendResult result, TimeSpan duration) =>
        _latency.Record(duration.TotalSeconds, new TagList { { "provider", provider }, { "result", result.Name } });

    /// <summary>A provider has been asked what has become of a message.</summary>
    public void LookedUp(string provider, LookUpState answer) =>
        _lookUps.Add(1, new TagList { { "provider", provider }, { "answer", answer.ToString().ToLowerInvariant() } });

    /// <summary>Shows the line's state from now on.</summary>
    public void Watch(ProviderLine line)
    {
        lock (_lines)
        {
            _lines.Add(line);
        }
    }

    private Measurement<int>[] Each(Func<ProviderLine, int> value)
    {
        lock (_lines)
        {
            return [.. _lines.Select(line => new Measurement<int>(value(line), new KeyValuePair<string, object?>("provider", line.Name)))];
        }
    }
}
