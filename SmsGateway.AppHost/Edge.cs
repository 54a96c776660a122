using System.Globalization;
using SmsGateway.AppHost.Deployment;

namespace SmsGateway.AppHost;

/// <summary>Nginx before the API: one template of its configuration, filled in from the environment.</summary>
internal static class Edge
{
    private const string Image = "nginxinc/nginx-unprivileged";
    private const string Tag = "1.29.3-alpine";
    private const int ContainerPort = 8080;
    private const int ContainerGuardPort = 8081;

    // What platforms give to their own proxies; clients come through those alone.
    private static readonly string[] PrivateNetworks = ["10.0.0.0/8", "100.64.0.0/10", "172.16.0.0/12", "192.168.0.0/16"];

    // The image fills in every template of this folder and writes the result beside; nginx.conf is the whole configuration.
    private const string ContainerTemplate = "/etc/nginx/templates/nginx.conf.template";

    /// <summary>Adds it and returns the address that clients use.</summary>
    public static EndpointReference AddEdge(
        this IDistributedApplicationBuilder builder, AppHostSettings settings, IReadOnlyList<IResourceBuilder<ProjectResource>> apis)
    {
        var folder = Path.Combine(settings.RepositoryFolder, "nginx");
        if (settings.Target is { } target)
        {
            return builder.AddDockerfile("edge", folder)
                .WithHttpEndpoint(targetPort: ContainerPort)
                .WithExternalHttpEndpoints()
                .AsDeployed(target, settings.Edge)
                .InContainer(
                    settings.Edge with { TrustedProxies = settings.Edge.TrustedProxies ?? PrivateNetworks }, apis, target == DeploymentTarget.Compose ? ComposeDeployment.Resolver : string.Empty);
        }

        if (settings.Infrastructure == InfrastructureKind.Containers)
        {
            return builder.AddContainer("edge", Image, Tag)
                .WithBindMount(Path.Combine(folder, "nginx.conf.template"), ContainerTemplate, isReadOnly: true)
                .WithHttpEndpoint(settings.Edge.Port, ContainerPort)
                .InContainer(settings.Edge, apis);
        }

        var program = Path.Combine(settings.RepositoryFolder, "native", "nginx.sh");
        return builder.AddExecutable("edge", program, settings.RepositoryFolder, Path.Combine(settings.DataFolder, "nginx"))
            .WithHttpEndpoint(settings.Edge.Port, env: "EDGE_PORT", isProxied: false)
            .WithEndpoint(name: "guard", env: "EDGE_GUARD_PORT", isProxied: false)
            .WithEnvironment("EDGE_ADDRESS", "127.0.0.1")
            .WithEnvironment("EDGE_ACCESS_LOG", "access.log")
            .Balancing(settings.Edge, apis);
    }

    private static EndpointReference InContainer(
        this IResourceBuilder<ContainerResource> edge, EdgeSettings settings, IReadOnlyList<IResourceBuilder<ProjectResource>> apis, string resolver = "") => edge
        .WithEnvironment("NGINX_ENVSUBST_OUTPUT_DIR", "/etc/nginx")
        .WithEnvironment("NGINX_ENVSUBST_FILTER", "^(EDGE_|API_)")
        .WithEnvironment("EDGE_ADDRESS", "0.0.0.0")
        .WithEnvironment("EDGE_PORT", Text(ContainerPort))
        .WithEnvironment("EDGE_GUARD_PORT", Text(ContainerGuardPort))
        .WithEnvironment("EDGE_RUN_FOLDER", "/tmp")
        .WithEnvironment("EDGE_ACCESS_LOG", "/dev/stdout")
        .Balancing(settings, apis, resolver);

    /// <param name="edge">Nginx.</param>
    /// <param name="settings">What is set on it.</param>
    /// <param name="apis">What it balances over.</param>
    /// <param name="resolver">Nginx' directive where one name stands for replicas that come and go; else it looks names up once, at its start.</param>
    private static EndpointReference Balancing<T>(
        this IResourceBuilder<T> edge, EdgeSettings settings, IReadOnlyList<IResourceBuilder<ProjectResource>> apis, string resolver = "")
        where T : IResourceWithEnvironment, IResourceWithEndpoints, IResourceWithWaitSupport
    {
        var resolve = resolver.Length == 0 ? string.Empty : " resolve";
        var servers = ReferenceExpression.Create($"");
        foreach (var api in apis)
        {
            var endpoint = api.GetEndpoint("http");
            var host = endpoint.Property(EndpointProperty.IPV4Host);
            var port = endpoint.Property(EndpointProperty.Port);
            // Out for as short a time as can be set: replicas that are restarted one after the other must not all count as down at once.
            servers = ReferenceExpression.Create($"{servers}server {host}:{port}{resolve} max_fails=3 fail_timeout=1s; ");
            edge.WaitFor(api);
        }

        return edge
            .WithEnvironment("API_SERVERS", servers)
            .WithEnvironment("EDGE_RESOLVER", resolver)
            .WithLimits(settings)
            .WithEnvironment("EDGE_WORKER_PROCESSES", settings.WorkerProcesses)
            .WithEnvironment("EDGE_LOG_FAILURES", settings.AccessLog == AccessLog.Off ? "0" : "1")
            .WithEnvironment("EDGE_LOG_OTHERS", settings.AccessLog == AccessLog.On ? "1" : "0")
            .WithEnvironment("EDGE_TRUSTED_PROXIES", string.Concat((settings.TrustedProxies ?? []).Select(network => $"set_real_ip_from {network}; ")))
            .WithHttpHealthCheck("/alive")
            .GetEndpoint("http");
    }

    private static IResourceBuilder<T> WithLimits<T>(this IResourceBuilder<T> edge, EdgeSettings settings)
        where T : IResourceWithEnvironment => edge
        .WithEnvironment("EDGE_SEND_RATE", settings.SendBucket.Rate)
        .WithEnvironment("EDGE_SEND_BURST", Text(settings.SendBucket.Burst))
        .WithEnvironment("EDGE_SEND_RETRY", Text(settings.SendBucket.RetrySeconds))
        .WithEnvironment("EDGE_READ_RATE", settings.ReadBucket.Rate)
        .WithEnvironment("EDGE_READ_BURST", Text(settings.ReadBucket.Burst))
        .WithEnvironment("EDGE_READ_RETRY", Text(settings.ReadBucket.RetrySeconds))
        .WithEnvironment("EDGE_FAILED_RATE", settings.FailedBucket.Rate)
        .WithEnvironment("EDGE_FAILED_BURST", Text(settings.FailedBucket.Burst))
        .WithEnvironment("EDGE_BLOCK_SECONDS", Text(settings.BlockSeconds))
        .WithEnvironment("EDGE_CONNECTIONS", Text(settings.Connections))
        .WithEnvironment("EDGE_CLIENT_SECONDS", Text(settings.ClientSeconds));

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
