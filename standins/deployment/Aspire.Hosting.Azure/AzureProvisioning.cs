using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Azure;
using Azure.Provisioning.Primitives;

namespace Aspire.Hosting
{
    /// <summary>Says what Azure is to provide. The stand-in keeps it and provides nothing.</summary>
    public static class AzureProvisioningResourceExtensions
    {
        public static IResourceBuilder<T> ConfigureInfrastructure<T>(this IResourceBuilder<T> builder, Action<AzureResourceInfrastructure> configure)
            where T : AzureProvisioningResource
        {
            builder.Resource.ConfigureInfrastructure += configure;
            return builder;
        }
    }
}

namespace Aspire.Hosting.Azure
{
    /// <summary>Something that Azure provides.</summary>
    public class AzureProvisioningResource(string name, Action<AzureResourceInfrastructure> configureInfrastructure) : Resource(name)
    {
        public Action<AzureResourceInfrastructure> ConfigureInfrastructure { get; internal set; } = configureInfrastructure;
    }

    /// <summary>What is to be provided for one resource.</summary>
    public sealed class AzureResourceInfrastructure : global::Azure.Provisioning.Infrastructure
    {
        internal AzureResourceInfrastructure(AzureProvisioningResource resource) => AspireResource = resource;
        public AzureProvisioningResource AspireResource { get; }
    }
}

namespace Azure.Provisioning
{
    /// <summary>Resources of Azure that are provided together.</summary>
    public class Infrastructure
    {
        private readonly List<Provisionable> _resources = [];
        public virtual void Add(Provisionable resource) => _resources.Add(resource);
        public virtual IEnumerable<Provisionable> GetProvisionableResources() => _resources;
    }

    /// <summary>A value of a template.</summary>
    public class BicepValue<T>(T literal)
    {
        public T? Value { get; } = literal;
        public static implicit operator BicepValue<T>(T value) => new(value);
    }

    /// <summary>A list of a template.</summary>
    public class BicepList<T> : List<BicepValue<T>>;
}

namespace Azure.Provisioning.Primitives
{
    /// <summary>Anything of a template that is provided.</summary>
    public abstract class Provisionable;

    /// <summary>A part of a resource.</summary>
    public abstract class ProvisionableConstruct : Provisionable;

    /// <summary>A resource.</summary>
    public abstract class ProvisionableResource(string bicepIdentifier) : ProvisionableConstruct
    {
        public string BicepIdentifier { get; } = bicepIdentifier;
    }
}
