using System.Globalization;

namespace SmsGateway.AppHost;

internal static class ServiceExtensions
{
    /// <summary>What every service of ours gets.</summary>
    public static IResourceBuilder<ProjectResource> AsService(this IResourceBuilder<ProjectResource> service, AppHostSettings settings)
    {
        if (service.ApplicationBuilder.ExecutionContext.IsRunMode)
        {
            var environment = service.ApplicationBuilder.Environment.EnvironmentName;
            service.WithEnvironment("ASPNETCORE_ENVIRONMENT", environment).WithEnvironment("DOTNET_ENVIRONMENT", environment)
                // Where ops/prometheus/prometheus.yml looks for what to scrape.
                .WithEnvironment("Metrics__TargetsFolder", Path.Combine(settings.DataFolder, "scrape"));
        }

        foreach (var (name, value) in settings.ServiceEnvironment)
        {
            service.WithEnvironment(name, value);
        }

        return service;
    }

    /// <summary>
    /// Locally one resource a replica, each on a port of its own: Nginx balances over them itself and must see each one, to keep
    /// connections open and to leave out one that fails. A deployment's platform does that, so there it is one resource.
    /// </summary>
    public static IReadOnlyList<IResourceBuilder<ProjectResource>> AddApis(
        this IDistributedApplicationBuilder builder, AppHostSettings settings, Func<IResourceBuilder<ProjectResource>, IResourceBuilder<ProjectResource>> configure)
    {
        if (!builder.ExecutionContext.IsRunMode)
        {
            var api = builder.AddProject<Projects.SmsGateway_Api>("api", launchProfileName: null).WithHttpEndpoint();
            return [configure(api).WithReplicas(settings.ApiReplicas)];
        }

        return [.. Enumerable.Range(1, settings.ApiReplicas).Select(number => configure(builder
            .AddProject<Projects.SmsGateway_Api>(string.Create(CultureInfo.InvariantCulture, $"api-{number}"), launchProfileName: null)
            .WithHttpEndpoint(isProxied: false)))];
    }
}
