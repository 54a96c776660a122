using System.Diagnostics.Metrics;

namespace SmsGateway.Workers;

/// <summary>What the metrics and spans of all features have in common.</summary>
internal static class WorkersTelemetry
{
    /// <summary>The meter of all workers, and the source of their spans.</summary>
    public const string MeterName = "SmsGateway.Workers";

    /// <summary>For times from a call to a long outage, in seconds; the defaults are made for milliseconds.</summary>
    public static readonly InstrumentAdvice<double> Seconds = new()
    {
        HistogramBucketBoundaries = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300],
    };
}
