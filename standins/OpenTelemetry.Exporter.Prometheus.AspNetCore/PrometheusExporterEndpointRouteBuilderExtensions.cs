using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using OpenTelemetry.Exporter;
using OpenTelemetry.Exporter.Prometheus;
using OpenTelemetry.Metrics;

namespace Microsoft.AspNetCore.Builder;

/// <summary>Maps the endpoint that Prometheus scrapes.</summary>
public static class PrometheusExporterEndpointRouteBuilderExtensions
{
    /// <summary>Maps the endpoint at the path of the options, <c>/metrics</c> by default.</summary>
    public static IEndpointConventionBuilder MapPrometheusScrapingEndpoint(this IEndpointRouteBuilder endpoints)
    {
        ArgumentNullException.ThrowIfNull(endpoints);
        var options = endpoints.ServiceProvider.GetRequiredService<IOptions<PrometheusAspNetCoreOptions>>().Value;
        return endpoints.MapPrometheusScrapingEndpoint(options.ScrapeEndpointPath ?? "/metrics");
    }

    /// <summary>Maps the endpoint at a path.</summary>
    public static IEndpointConventionBuilder MapPrometheusScrapingEndpoint(this IEndpointRouteBuilder endpoints, string path)
    {
        ArgumentNullException.ThrowIfNull(endpoints);
        ArgumentNullException.ThrowIfNull(path);

        // The provider first: making it is what ties the exporter to the metrics.
        _ = endpoints.ServiceProvider.GetRequiredService<MeterProvider>();
        var exporter = endpoints.ServiceProvider.GetService<PrometheusExporter>()
            ?? throw new InvalidOperationException("No Prometheus exporter: call AddPrometheusExporter on the metrics builder.");

        return endpoints.Map(path, context => ScrapeAsync(context, exporter));
    }

    private static async Task ScrapeAsync(HttpContext context, PrometheusExporter exporter)
    {
        var text = await exporter.ScrapeAsync(context.RequestAborted);
        context.Response.ContentType = "text/plain; charset=utf-8; version=0.0.4";
        context.Response.ContentLength = text.Length;
        await context.Response.Body.WriteAsync(text, context.RequestAborted);
    }
}
