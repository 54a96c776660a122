using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using OpenTelemetry;
using OpenTelemetry.Exporter;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;
using SmsGateway.ServiceDefaults;

namespace Microsoft.Extensions.Hosting;

/// <summary>Logs, metrics and traces.</summary>
public static class TelemetryExtensions
{
    /// <summary>All meters and activity sources of the gateway have names that begin so.</summary>
    private const string OwnTelemetry = "SmsGateway.*";

    /// <summary>
    /// Collects metrics for <c>/metrics</c>; where <c>OTEL_EXPORTER_OTLP_ENDPOINT</c> names a collector, also sends it metrics, logs
    /// and traces. Without a collector no span and no log record is made, for none would be read.
    /// </summary>
    /// <remarks>
    /// Redis and PostgreSQL clients add their own meters and sources where they are registered, which must be after this.
    /// </remarks>
    public static TBuilder ConfigureOpenTelemetry<TBuilder>(this TBuilder builder)
        where TBuilder : IHostApplicationBuilder
    {
        var serviceName = builder.Configuration["OTEL_SERVICE_NAME"] ?? builder.Environment.ApplicationName;

        var telemetry = builder.Services.AddOpenTelemetry()
            .ConfigureResource(resource => resource.AddService(serviceName, autoGenerateServiceInstanceId: false))
            .WithMetrics(metrics => metrics
                .AddMeter("Microsoft.AspNetCore.Hosting", "Microsoft.AspNetCore.Server.Kestrel", "System.Net.Http", "System.Runtime")
                .AddMeter(OwnTelemetry)
                .AddPrometheusExporter());

        if (!string.IsNullOrWhiteSpace(builder.Configuration["OTEL_EXPORTER_OTLP_ENDPOINT"]))
        {
            // The server's spans carry the HTTP attributes of the semantic conventions only if asked to.
            AppContext.SetSwitch("Microsoft.AspNetCore.Hosting.SuppressActivityOpenTelemetryData", false);

            telemetry
                .WithTracing(tracing => tracing
                    .AddSource("Microsoft.AspNetCore", "System.Net.Http")
                    .AddSource(OwnTelemetry)
                    .AddProcessor<ProbeFilter>()
                    .AddProcessor<PollFilter>())
                .WithLogging(configureBuilder: null, logging =>
                {
                    logging.IncludeFormattedMessage = true;
                    logging.IncludeScopes = true;
                })
                .UseOtlpExporter();

            builder.Services.Configure<OtlpExporterOptions>(KeepOwnHttpClient);
            builder.Services.AddSingleton<IStartupFilter, SpanNames>();
        }
        else
        {
            // The clients would make spans regardless, at a cost on every command.
            builder.Configuration.AddDefaults(new()
            {
                ["Aspire:Npgsql:DisableTracing"] = "true",
                ["Aspire:StackExchange:Redis:DisableTracing"] = "true",
            });
        }

        return builder;
    }

    /// <summary>
    /// Left to itself the exporter takes its client from the client factory, and with it the resilience pipelines. Those are
    /// disposed before the last flush, which would lose what happened while the service stopped. A factory other than the
    /// default one, even one that only calls it, stays.
    /// </summary>
    private static void KeepOwnHttpClient(OtlpExporterOptions options)
    {
        var create = options.HttpClientFactory;
        options.HttpClientFactory = () => create();
    }
}
