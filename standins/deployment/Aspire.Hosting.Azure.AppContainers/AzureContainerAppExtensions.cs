using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Azure;
using Aspire.Hosting.Azure.AppContainers;
using Azure.Provisioning.AppContainers;
using Azure.Provisioning.Primitives;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Aspire.Hosting
{
    /// <summary>Adds Azure Container Apps as the place to publish to. The stand-in keeps what is said of it and publishes nothing.</summary>
    public static class AzureContainerAppExtensions
    {
        public static IResourceBuilder<AzureContainerAppEnvironmentResource> AddAzureContainerAppEnvironment(this IDistributedApplicationBuilder builder, string name)
        {
            builder.Services.AddSingleton<IHostedService>(_ => throw new DistributedApplicationException("The stand-in for Aspire.Hosting.Azure.AppContainers publishes nothing. Restore the public package."));
            return builder.AddResource(new AzureContainerAppEnvironmentResource(name, static _ => { }));
        }
    }

    /// <summary>Says how a project is published to it.</summary>
    public static class AzureContainerAppProjectExtensions
    {
        public static IResourceBuilder<T> PublishAsAzureContainerApp<T>(this IResourceBuilder<T> project, Action<AzureResourceInfrastructure, ContainerApp> configure)
            where T : ProjectResource => project.WithAnnotation(new AzureContainerAppCustomizationAnnotation(configure));
    }

    /// <summary>Says how a container is published to it.</summary>
    public static class AzureContainerAppContainerExtensions
    {
        public static IResourceBuilder<T> PublishAsAzureContainerApp<T>(this IResourceBuilder<T> container, Action<AzureResourceInfrastructure, ContainerApp> configure)
            where T : ContainerResource => container.WithAnnotation(new AzureContainerAppCustomizationAnnotation(configure));
    }
}

namespace Aspire.Hosting.Azure
{
    /// <summary>What <c>PublishAsAzureContainerApp</c> was given.</summary>
    public sealed class AzureContainerAppCustomizationAnnotation(Action<AzureResourceInfrastructure, ContainerApp> configure) : IResourceAnnotation
    {
        public Action<AzureResourceInfrastructure, ContainerApp> Configure { get; } = configure;
    }
}

namespace Aspire.Hosting.Azure.AppContainers
{
    /// <summary>An environment of container apps.</summary>
    public class AzureContainerAppEnvironmentResource(string name, Action<AzureResourceInfrastructure> configureInfrastructure)
        : AzureProvisioningResource(name, configureInfrastructure), IComputeEnvironmentResource;
}

namespace Azure.Provisioning.AppContainers
{
    /// <summary>A container app.</summary>
    public class ContainerApp(string bicepIdentifier, string? resourceVersion = null) : ProvisionableResource(bicepIdentifier)
    {
        public string? ResourceVersion { get; } = resourceVersion;
        public ContainerAppTemplate Template { get; set; } = new();
    }

    /// <summary>What a revision of it consists of.</summary>
    public class ContainerAppTemplate : ProvisionableConstruct
    {
        public BicepList<ContainerAppContainer> Containers { get; set; } = [];
        public BicepList<ContainerAppInitContainer> InitContainers { get; set; } = [];
        public ContainerAppScale Scale { get; set; } = new();
        public BicepValue<long> TerminationGracePeriodSeconds { get; set; } = new(0);
    }

    /// <summary>How many replicas there are.</summary>
    public class ContainerAppScale : ProvisionableConstruct
    {
        public BicepValue<int> MaxReplicas { get; set; } = new(0);
        public BicepValue<int> MinReplicas { get; set; } = new(0);
    }

    /// <summary>A container.</summary>
    public class ContainerAppContainer : ProvisionableConstruct
    {
        public BicepList<string> Args { get; set; } = [];
        public BicepList<ContainerAppEnvironmentVariable> Env { get; set; } = [];
        public BicepValue<string> Image { get; set; } = new(string.Empty);
        public BicepValue<string> Name { get; set; } = new(string.Empty);
    }

    /// <summary>A container that ends before the others start.</summary>
    public class ContainerAppInitContainer : ProvisionableConstruct
    {
        public BicepList<string> Args { get; set; } = [];
        public BicepList<ContainerAppEnvironmentVariable> Env { get; set; } = [];
        public BicepValue<string> Image { get; set; } = new(string.Empty);
        public BicepValue<string> Name { get; set; } = new(string.Empty);
    }

    /// <summary>An environment variable.</summary>
    public class ContainerAppEnvironmentVariable : ProvisionableConstruct
    {
        public BicepValue<string> Name { get; set; } = new(string.Empty);
        public BicepValue<string> SecretRef { get; set; } = new(string.Empty);
        public BicepValue<string> Value { get; set; } = new(string.Empty);
    }
}
