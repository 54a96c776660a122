using System.Globalization;

namespace SmsGateway.AppHost;

/// <summary>Nginx before the API: one template of its configuration, filled in from the environment.</summary>
internal static class Edge
{
    private const string Image = "nginxinc/nginx-unprivileged";
    private const string Tag = "1.29.3-alpine";
    private const int ContainerPort = 8080;

    // The image fills in every template of this folder and writes the result beside; nginx.conf is the whole configuration.
    private const string ContainerTemplate = "/etc/nginx/templates/nginx.conf.template";

    /// <summary>Adds it and returns the address that clients use.</summary>
    public static EndpointReference AddEdge(
        this IDistributedApplicationBuilder builder, AppHostSettings settings, IReadOnlyList<IResourceBuilder<ProjectResource>> apis)
    {
        var folder = Path.Combine(settings.RepositoryFolder, "nginx");
        if (!builder.ExecutionContext.IsRunMode)
        {
            return builder.AddDockerfile("edge", folder)
                .WithHttpEndpoint(targetPort: ContainerPort)
                .WithExternalHttpEndpoints()
                .InContainer(settings.Edge, apis);
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
            .WithEnvironment("EDGE_ADDRESS", "127.0.0.1")
            .Balancing(settings.Edge, apis, accessLog: "on");
    }

    private static EndpointReference InContainer(
        this IResourceBuilder<ContainerResource> edge, EdgeSettings settings, IReadOnlyList<IResourceBuilder<ProjectResource>> apis) => edge
        .WithEnvironment("NGINX_ENVSUBST_OUTPUT_DIR", "/etc/nginx")
        .WithEnvironment("NGINX_ENVSUBST_FILTER", "^(EDGE_|API_)")
        .WithEnvironment("EDGE_ADDRESS", "0.0.0.0")
        .WithEnvironment("EDGE_PORT", "8080")
        .WithEnvironment("EDGE_RUN_FOLDER", "/tmp")
        .Balancing(settings, apis, accessLog: "/dev/stdout edge");

    private static EndpointReference Balancing<T>(
        this IResourceBuilder<T> edge, EdgeSettings settings, IReadOnlyList<IResourceBuilder<ProjectResource>> apis, string accessLog)
        where T : IResourceWithEnvironment, IResourceWithEndpoints, IResourceWithWaitSupport
    {
        var servers = ReferenceExpression.Create($"");
        foreach (var api in apis)
        {
            var endpoint = api.GetEndpoint("http");
            var host = endpoint.Property(EndpointProperty.IPV4Host);
            var port = endpoint.Property(EndpointProperty.Port);
            // Out for as short a time as can be set: replicas that are restarted one after the other must not all count as down at once.
            servers = ReferenceExpression.Create($"{servers}server {host}:{port} max_fails=3 fail_timeout=1s; ");
            edge.WaitFor(api);
        }

        return edge
            .WithEnvironment("API_SERVERS", servers)
            .WithEnvironment("EDGE_WORKER_PROCESSES", settings.WorkerProcesses)
            .WithEnvironment("EDGE_RATE", settings.RatePerKey)
            .WithEnvironment("EDGE_BURST", settings.BurstPerKey.ToString(CultureInfo.InvariantCulture))
            .WithEnvironment("EDGE_ACCESS_LOG", settings.AccessLog == AccessLog.Off ? "off" : accessLog)
            .WithHttpHealthCheck("/alive")
            .GetEndpoint("http");
    }
}
