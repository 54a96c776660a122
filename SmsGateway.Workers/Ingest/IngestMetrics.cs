using System.Diagnostics.Metrics;


namespace SmsGateway.Workers.Ingest;

/// <summary>What ingest does, for <c>/metrics</c>.</summary>
internal sealed class IngestMetrics
{
    private readonly Counter<long> _ingested;
    private readonly Counter<long> _setAside;
    private readonly Histogram<long> _batchSize;
    private readonly Histogram<double> _duration;

    public IngestMetrics(IMeterFactory meters)
    {
        var meter = meters.Create(WorkersTelemetry.MeterName);
        _ingested = meter.CreateCounter<long>("sms_ingested", "{message}", "Messages moved from the buffer to the database");
        _setAside = meter.CreateCounter<long>("sms_ingest_set_aside", "{message}", "Messages that ingest did not store: there before, or set aside as dead letters");
        _batchSize = meter.CreateHistogram<long>("sms_ingest_batch_size", "{message}", "Messages in a claim");
        _duration = meter.CreateHistogram<double>("sms_ingest_duration", "s", "Time to land a claim and hand it over", advice: WorkersTelemetry.Seconds);
    }

    public void Ingested(int stored, int duplicates, int dead, TimeSpan duration)
    {
        _ingested.Add(stored);
        _setAside.Add(duplicates, new KeyValuePair<string, object?>("reason", "duplicate"));
        _setAside.Add(dead, new KeyValuePair<string, object?>("reason", "dead"));
        _batchSize.Record(stored + duplicates + dead);
        _duration.Record(duration.TotalSeconds);
    }
}
