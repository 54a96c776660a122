using System.Diagnostics.Metrics;


namespace SmsGateway.Workers.Watchdog;

/// <summary>What the watchdog has seen; written by it alone, read by whoever collects metrics.</summary>
internal sealed class WatchdogMetrics
{
    private readonly Lock _lock = new();
    private (Ages Ages, Place[] Stuck)? _seen;

    public WatchdogMetrics(IMeterFactory meters)
    {
        var meter = meters.Create(WorkersTelemetry.MeterName);
        meter.CreateObservableGauge(
            "sms_oldest_age", () => Each(place => _seen!.Value.Ages[place].TotalSeconds), "s", "How long the oldest has waited in a state; 0 where nothing waits");
        meter.CreateObservableGauge(
            "sms_stuck", () => Each(place => _seen!.Value.Stuck.Contains(place) ? 1.0 : 0.0), null, "1 where something has waited in a state for longer than it may");
    }

    public void Seen(Ages ages, Place[] stuck)
    {
        lock (_lock)
        {
            _seen = (ages, stuck);
        }
    }

    private Measurement<double>[] Each(Func<Place, double> value)
    {
        lock (_lock)
        {
            return _seen is null ? [] : [.. Places.All.Select(place => new Measurement<double>(value(place), new KeyValuePair<string, object?>("state", place.Name())))];
        }
    }
}
