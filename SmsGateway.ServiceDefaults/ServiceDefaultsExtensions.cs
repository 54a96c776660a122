using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Diagnostics.HealthChecks;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Http.Resilience;
using SmsGateway.ServiceDefaults;

namespace Microsoft.Extensions.Hosting;

/// <summary>What every service of the gateway has in common: telemetry, health, resilient HTTP, and the clock.</summary>
public static class ServiceDefaultsExtensions
{
    private const string LivenessTag = "live";

    /// <summary>Adds all of the defaults.</summary>
    public static TBuilder AddServiceDefaults<TBuilder>(this TBuilder builder)
        where TBuilder : IHostApplicationBuilder
    {
        builder.Configuration.AddSettingsFile();
        builder.AddLogDefaults();
        builder.ConfigureOpenTelemetry();
        builder.AddDefaultHealthChecks();
        builder.AddScrapeTarget();
        builder.Services.ConfigureHttpClientDefaults(AddResilience);
        builder.Services.TryAddSingleton(TimeProvider.System);
        return builder;
    }

    /// <summary>Adds the check behind <c>/alive</c>: a process that can answer is alive, whatever its dependencies do.</summary>
    public static TBuilder AddDefaultHealthChecks<TBuilder>(this TBuilder builder)
        where TBuilder : IHostApplicationBuilder
    {
        builder.Services.AddHealthChecks().AddCheck("self", () => HealthCheckResult.Healthy(), [LivenessTag]);
        return builder;
    }

    /// <summary>
    /// Maps <c>/alive</c> and <c>/metrics</c>. The deep <c>/health/</c> is the service's own: what it depends upon, and in what
    /// form it says so, differs. All of these are for the inside of the deployment; the edge does not pass them on.
    /// </summary>
    public static WebApplication MapDefaultEndpoints(this WebApplication app)
    {
        app.MapHealthChecks(ProbePaths.Alive, new HealthCheckOptions { Predicate = check => check.Tags.Contains(LivenessTag) })
            .DisableHttpMetrics();
        app.MapPrometheusScrapingEndpoint(ProbePaths.Metrics).DisableHttpMetrics();
        return app;
    }

    private static void AddResilience(IHttpClientBuilder http) =>
        http.AddStandardResilienceHandler(options =>
            {
                // A POST may have been taken although its answer never came: sent blindly again, it is an SMS sent twice.
                // Who knows better (an idempotency key, an answer that proves a refusal) retries by itself.
#pragma warning disable EXTEXP0001 // Still marked experimental in 10.8; the alternative is to write the same by hand.
                options.Retry.DisableForUnsafeHttpMethods();
#pragma warning restore EXTEXP0001
            })
            // One customer's dead webhook must not open the circuit to a provider.
            .SelectPipelineByAuthority();
}
