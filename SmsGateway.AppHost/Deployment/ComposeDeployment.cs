using System.Globalization;
using Aspire.Hosting.Docker.Resources;

namespace SmsGateway.AppHost.Deployment;

internal static class ComposeDeployment
{
    private const int DefaultEdgePort = 8080;

    /// <summary>Docker's own, in every network of a compose file. Asked again and again, for a replica that is replaced has another address.</summary>
    public const string Resolver = "resolver 127.0.0.11 valid=1s ipv6=off;";

    public static void AddCompose(this IDistributedApplicationBuilder builder) => builder
        .AddDockerComposeEnvironment("compose")
        .WithDashboard(enabled: false)
        .ConfigureComposeFile(RestartAll);

    public static IResourceBuilder<ProjectResource> InCompose(this IResourceBuilder<ProjectResource> service, int replicas) => service
        .PublishAsDockerComposeService((_, composed) =>
        {
            composed.Deploy = new() { Replicas = replicas };
            composed.StopGracePeriod = string.Create(CultureInfo.InvariantCulture, $"{DeploymentExtensions.StopSeconds}s");
        });

    public static IResourceBuilder<ContainerResource> InCompose(this IResourceBuilder<ContainerResource> edge, EdgeSettings settings) => edge
        .WithEndpoint("http", endpoint => endpoint.Port = settings.Port ?? DefaultEdgePort);

    /// <summary>Whatever is killed, and a machine that is started again, comes back by itself. The migration runs once.</summary>
    internal static void RestartAll(ComposeFile file)
    {
        foreach (var service in file.Services.Values.Where(service => service.Name != "migrate"))
        {
            service.Restart = "unless-stopped";
        }
    }
}
