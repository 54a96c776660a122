using System.Text;
using OpenTelemetry.Metrics;

namespace OpenTelemetry.Exporter.Prometheus;

/// <summary>
/// Collects when asked. Scrapes that come together, or soon after one another, share one collection, so that a crowd of them
/// costs no more than one; the number of series is bounded by the SDK's cardinality limit for each instrument.
/// </summary>
[ExportModes(ExportModes.Pull)]
internal sealed class PrometheusExporter(PrometheusAspNetCoreOptions options, TimeProvider clock) : BaseExporter<Metric>, IPullMetricExporter
{
    private readonly TimeSpan _shelfLife = TimeSpan.FromMilliseconds(options.ScrapeResponseCacheDurationMilliseconds);

    // Held while collecting. _scraped and _scrapedAt are touched by its holder only.
    private readonly SemaphoreSlim _collecting = new(1, 1);
    private ReadOnlyMemory<byte>? _scraped;
    private long _scrapedAt;

    /// <summary>Set by the reader that owns this exporter; calls <see cref="Export"/> on the caller's thread.</summary>
    public Func<int, bool>? Collect { get; set; }

    /// <summary>The text of all metrics as of now, or of some moments ago.</summary>
    public async Task<ReadOnlyMemory<byte>> ScrapeAsync(CancellationToken cancellationToken)
    {
        await _collecting.WaitAsync(cancellationToken);

        try
        {
            if (_scraped is { } recent && clock.GetElapsedTime(_scrapedAt) < _shelfLife)
            {
                return recent;
            }

            _scraped = null;
            Collect?.Invoke(Timeout.Infinite);
            _scrapedAt = clock.GetTimestamp();
            return _scraped ?? throw new InvalidOperationException("The metrics could not be collected.");
        }
        finally
        {
            _collecting.Release();
        }
    }

    /// <inheritdoc />
    public override ExportResult Export(in Batch<Metric> batch)
    {
        var families = new SortedDictionary<string, (MetricName Name, List<Metric> Metrics)>(StringComparer.Ordinal);

        foreach (var metric in batch)
        {
            // Exponential histograms have no form in this text format.
            if (metric.MetricType is MetricType.ExponentialHistogram)
            {
                continue;
            }

            var name = MetricName.Of(metric, options.DisableTotalNameSuffixForCounters);

            if (!families.TryGetValue(name.Text, out var family))
            {
                families.Add(name.Text, family = (name, []));
            }

            family.Metrics.Add(metric);
        }

        var text = new StringBuilder();

        foreach (var (name, metrics) in families.Values)
        {
            PrometheusText.WriteFamily(text, name, metrics);
        }

        _scraped = Encoding.UTF8.GetBytes(text.ToString());
        return ExportResult.Success;
    }

    /// <inheritdoc />
    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _collecting.Dispose();
        }

        base.Dispose(disposing);
    }
}
