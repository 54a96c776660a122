namespace OpenTelemetry.Exporter;

/// <summary>How metrics are shown to Prometheus.</summary>
public class PrometheusAspNetCoreOptions
{
    /// <summary>Where to scrape. <c>/metrics</c> by default.</summary>
    public string? ScrapeEndpointPath { get; set; } = "/metrics";

    /// <summary>Leaves the names of counters without <c>_total</c>.</summary>
    public bool DisableTotalNameSuffixForCounters { get; set; }

    /// <summary>How long a scrape's answer serves further scrapes, in milliseconds; 0 collects for each. 300 by default.</summary>
    public int ScrapeResponseCacheDurationMilliseconds { get; set; } = 300;
}
