using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Docker;
using Aspire.Hosting.Docker.Resources;
using Aspire.Hosting.Docker.Resources.ComposeNodes;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Aspire.Hosting
{
    /// <summary>Adds Docker Compose as the place to publish to. The stand-in keeps what is said of it and publishes nothing.</summary>
    public static class DockerComposeEnvironmentExtensions
    {
        public static IResourceBuilder<DockerComposeEnvironmentResource> AddDockerComposeEnvironment(this IDistributedApplicationBuilder builder, string name)
        {
            builder.Services.AddSingleton<IHostedService>(_ => throw new DistributedApplicationException("The stand-in for Aspire.Hosting.Docker publishes nothing. Restore the public package."));
            return builder.AddResource(new DockerComposeEnvironmentResource(name));
        }

        public static IResourceBuilder<DockerComposeEnvironmentResource> ConfigureComposeFile(this IResourceBuilder<DockerComposeEnvironmentResource> builder, Action<ComposeFile> configure) =>
            builder;
        public static IResourceBuilder<DockerComposeEnvironmentResource> WithDashboard(this IResourceBuilder<DockerComposeEnvironmentResource> builder, bool enabled = true)
        {
            builder.Resource.DashboardEnabled = enabled;
            return builder;
        }
    }

    /// <summary>Says how a resource is published to it.</summary>
    public static class DockerComposeServiceExtensions
    {
        public static IResourceBuilder<T> PublishAsDockerComposeService<T>(this IResourceBuilder<T> builder, Action<DockerComposeServiceResource, Service> configure)
            where T : IComputeResource => builder.WithAnnotation(new DockerComposeServiceCustomizationAnnotation(configure));
    }
}

namespace Aspire.Hosting.Docker
{
    /// <summary>A compose file to publish to.</summary>
    public class DockerComposeEnvironmentResource(string name) : Resource(name), IComputeEnvironmentResource
    {
        public bool DashboardEnabled { get; set; } = true;
    }

    /// <summary>A resource as a service of the compose file.</summary>
    public class DockerComposeServiceResource(string name, IResource resource, DockerComposeEnvironmentResource composeEnvironmentResource) : Resource(name)
    {
        public DockerComposeEnvironmentResource Parent { get; } = composeEnvironmentResource;
        internal IResource TargetResource { get; } = resource;
    }

    /// <summary>What <c>PublishAsDockerComposeService</c> was given.</summary>
    public sealed class DockerComposeServiceCustomizationAnnotation(Action<DockerComposeServiceResource, Service> configure) : IResourceAnnotation
    {
        public Action<DockerComposeServiceResource, Service> Configure { get; } = configure;
    }
}

namespace Aspire.Hosting.Docker.Resources
{
    /// <summary>A compose file.</summary>
    public sealed class ComposeFile
    {
        public Dictionary<string, Service> Services { get; set; } = [];
    }
}

namespace Aspire.Hosting.Docker.Resources.ComposeNodes
{
    /// <summary>A part of a compose file that has a name.</summary>
    public abstract class NamedComposeMember
    {
        public required string Name { get; set; }
    }

    /// <summary>A service of a compose file.</summary>
    public sealed class Service : NamedComposeMember
    {
        public ServiceNodes.Swarm.Deploy? Deploy { get; set; }
        public string? Restart { get; set; }
        public string? StopGracePeriod { get; set; }
    }
}

namespace Aspire.Hosting.Docker.Resources.ServiceNodes.Swarm
{
    /// <summary>How many there are of a service.</summary>
    public sealed class Deploy
    {
        public int? Replicas { get; set; }
    }
}
