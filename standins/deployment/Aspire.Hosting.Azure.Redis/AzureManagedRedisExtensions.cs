using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Azure;
using Azure.Provisioning.Primitives;
using Azure.Provisioning.RedisEnterprise;

namespace Aspire.Hosting
{
    /// <summary>Adds Azure Managed Redis. The stand-in keeps what is said of it and provides nothing.</summary>
    public static class AzureManagedRedisExtensions
    {
        public static IResourceBuilder<AzureManagedRedisResource> AddAzureManagedRedis(this IDistributedApplicationBuilder builder, string name) =>
            builder.AddResource(new AzureManagedRedisResource(name, infrastructure =>
            {
                infrastructure.Add(new RedisEnterpriseCluster(name));
                infrastructure.Add(new RedisEnterpriseDatabase($"{name}_default"));
            }));
        public static IResourceBuilder<AzureManagedRedisResource> WithAccessKeyAuthentication(this IResourceBuilder<AzureManagedRedisResource> builder)
        {
            builder.Resource.UseAccessKeyAuthentication = true;
            return builder;
        }
    }
}

namespace Aspire.Hosting.Azure
{
    /// <summary>Azure Managed Redis.</summary>
    public class AzureManagedRedisResource(string name, Action<AzureResourceInfrastructure> configureInfrastructure)
        : AzureProvisioningResource(name, configureInfrastructure), IResourceWithConnectionString
    {
        public ReferenceExpression ConnectionStringExpression => throw new NotSupportedException("The stand-in for Aspire knows no address of Azure.");
        public bool UseAccessKeyAuthentication { get; internal set; }
    }
}

namespace Azure.Provisioning.RedisEnterprise
{
    /// <summary>The machines of a Redis.</summary>
    public class RedisEnterpriseCluster(string bicepIdentifier, string? resourceVersion = null) : ProvisionableResource(bicepIdentifier)
    {
        public string? ResourceVersion { get; } = resourceVersion;
        public RedisEnterpriseSku Sku { get; set; } = new();
    }

    /// <summary>How large they are.</summary>
    public class RedisEnterpriseSku : ProvisionableConstruct
    {
        public BicepValue<RedisEnterpriseSkuName> Name { get; set; } = new(RedisEnterpriseSkuName.BalancedB0);
    }

    /// <summary>A database on them.</summary>
    public class RedisEnterpriseDatabase(string bicepIdentifier, string? resourceVersion = null) : ProvisionableResource(bicepIdentifier)
    {
        public BicepValue<RedisEnterpriseClusteringPolicy> ClusteringPolicy { get; set; } = new(RedisEnterpriseClusteringPolicy.OssCluster);
        public BicepValue<RedisEnterpriseEvictionPolicy> EvictionPolicy { get; set; } = new(RedisEnterpriseEvictionPolicy.VolatileLru);
        public RedisPersistenceSettings Persistence { get; set; } = new();
        public string? ResourceVersion { get; } = resourceVersion;
    }

    /// <summary>What it keeps.</summary>
    public class RedisPersistenceSettings : ProvisionableConstruct
    {
        public BicepValue<PersistenceSettingAofFrequency> AofFrequency { get; set; } = new(PersistenceSettingAofFrequency.OneSecond);
        public BicepValue<bool> IsAofEnabled { get; set; } = new(false);
    }

    /// <summary>How often the log is written.</summary>
    public enum PersistenceSettingAofFrequency
    {
        OneSecond = 0,
        Always = 1,
    }

    /// <summary>How clients see it.</summary>
    public enum RedisEnterpriseClusteringPolicy
    {
        EnterpriseCluster = 0,
        OssCluster = 1,
        NoCluster = 2,
    }

    /// <summary>What it drops when it is full.</summary>
    public enum RedisEnterpriseEvictionPolicy
    {
        VolatileLru = 3,
        NoEviction = 7,
    }

    /// <summary>Sizes.</summary>
    public enum RedisEnterpriseSkuName
    {
        BalancedB0 = 11,
        BalancedB5 = 14,
    }
}
