using System.Diagnostics.Metrics;

namespace SmsGateway.Tests.Workers.Watchdog;

/// <summary>Meters whose gauges a test reads.</summary>
internal sealed class SeenMeters : IMeterFactory
{
    private readonly List<Meter> _meters = [];

    public Meter Create(MeterOptions options)
    {
        var meter = new Meter(options);
        _meters.Add(meter);
        return meter;
    }

    public void Dispose() => _meters.ForEach(meter => meter.Dispose());

    /// <summary>What a gauge shows now for one value of its only label.</summary>
    public double Read(string gauge, string label)
    {
        double? seen = null;
        using var listener = new MeterListener
        {
            InstrumentPublished = (instrument, listener) =>
            {
                if (instrument.Name == gauge && _meters.Contains(instrument.Meter))
                {
                    listener.EnableMeasurementEvents(instrument);
                }
            },
        };
        listener.SetMeasurementEventCallback<double>((_, value, tags, _) => seen = (string?)tags[0].Value == label ? value : seen);
        listener.Start();
        listener.RecordObservableInstruments();
        return seen ?? throw new InvalidOperationException($"{gauge} shows nothing for {label}");
    }
}
