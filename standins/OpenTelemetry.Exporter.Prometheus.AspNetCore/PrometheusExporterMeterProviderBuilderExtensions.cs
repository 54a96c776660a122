using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using OpenTelemetry.Exporter;
using OpenTelemetry.Exporter.Prometheus;

namespace OpenTelemetry.Metrics;

/// <summary>Offers metrics for scraping.</summary>
public static class PrometheusExporterMeterProviderBuilderExtensions
{
    /// <summary>Adds the exporter that <c>MapPrometheusScrapingEndpoint</c> serves.</summary>
    public static MeterProviderBuilder AddPrometheusExporter(this MeterProviderBuilder builder) => builder.AddPrometheusExporter(_ => { });

    /// <summary>Adds the exporter that <c>MapPrometheusScrapingEndpoint</c> serves.</summary>
    public static MeterProviderBuilder AddPrometheusExporter(
        this MeterProviderBuilder builder, Action<PrometheusAspNetCoreOptions> configure)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(configure);

        builder.ConfigureServices(services =>
        {
            services.Configure(configure);
            services.TryAddSingleton(provider => new PrometheusExporter(
                provider.GetRequiredService<IOptions<PrometheusAspNetCoreOptions>>().Value,
                provider.GetService<TimeProvider>() ?? TimeProvider.System));
        });

        return builder.AddReader(provider => new BaseExportingMetricReader(provider.GetRequiredService<PrometheusExporter>())
        {
            TemporalityPreference = MetricReaderTemporalityPreference.Cumulative,
        });
    }
}
