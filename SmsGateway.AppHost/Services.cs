using System.Globalization;
using SmsGateway.AppHost.Deployment;

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

    /// <summary>One resource: nobody asks a worker for anything but its health.</summary>
    public static IResourceBuilder<ProjectResource> AddWorkers(this IDistributedApplicationBuilder builder, AppHostSettings settings)
    {
        var workers = builder.AddProject<Projects.SmsGateway_Workers>("workers", launchProfileName: null);
        return settings.Target is { } target
            ? workers.AsDeployed(target, settings.WorkerReplicas)
            : workers.WithReplicas(settings.WorkerReplicas).WithHttpEndpoint();
    }

    /// <summary>
    /// Locally one resource a replica, each on a port of its own: Nginx balances over them itself and must see each one, to keep
    /// connections open and to leave out one that fails. A deployment's platform does that, so there it is one resource.
    /// </summary>
    public static IReadOnlyList<IResourceBuilder<ProjectResource>> AddApis(
        this IDistributedApplicationBuilder builder, AppHostSettings settings, Func<IResourceBuilder<ProjectResource>, IResourceBuilder<ProjectResource>> configure)
    {
        if (settings.Target is { } target)
        {
            return [configure(builder.AddProject<Projects.SmsGateway_Api>("api", launchProfileName: null).AsDeployed(target, settings.ApiReplicas))];
        }

        return [.. Enumerable.Range(1, settings.ApiReplicas).Select(number => configure(builder
            .AddProject<Projects.SmsGateway_Api>(string.Create(CultureInfo.InvariantCulture, $"api-{number}"), launchProfileName: null)
            .WithHttpEndpoint(isProxied: false)))];
    }

    /// <summary>
    /// Providers are told to send their delivery receipts through the edge: workers write the address, the API checks that it was signed. Where the platform
    /// does not know by which name the world reaches the edge, whoever deploys says it.
    /// </summary>
    public static void AddPublicUrl(
        this IDistributedApplicationBuilder builder, AppHostSettings settings, EndpointReference edge, IReadOnlyList<IResourceBuilder<ProjectResource>> services)
    {
        var parameter = settings.Target is DeploymentTarget.Compose or DeploymentTarget.Kubernetes ? builder.AddParameter("public-url") : null;
        foreach (var service in services)
        {
            _ = parameter is null ? service.WithEnvironment("Receipts__PublicUrl", edge) : service.WithEnvironment("Receipts__PublicUrl", parameter);
        }
    }
}
