using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Azure;
using Azure.Provisioning.PostgreSql;
using Azure.Provisioning.Primitives;

namespace Aspire.Hosting
{
    /// <summary>Adds Azure Database for PostgreSQL. The stand-in keeps what is said of it and provides nothing.</summary>
    public static class AzurePostgresExtensions
    {
        public static IResourceBuilder<AzurePostgresFlexibleServerResource> AddAzurePostgresFlexibleServer(this IDistributedApplicationBuilder builder, string name) =>
            builder.AddResource(new AzurePostgresFlexibleServerResource(name, infrastructure => infrastructure.Add(new PostgreSqlFlexibleServer(name))));
        public static IResourceBuilder<AzurePostgresFlexibleServerDatabaseResource> AddDatabase(this IResourceBuilder<AzurePostgresFlexibleServerResource> builder, string name, string? databaseName = null) =>
            builder.ApplicationBuilder.AddResource(new AzurePostgresFlexibleServerDatabaseResource(name, databaseName ?? name, builder.Resource));
        public static IResourceBuilder<AzurePostgresFlexibleServerResource> WithPasswordAuthentication(this IResourceBuilder<AzurePostgresFlexibleServerResource> builder, IResourceBuilder<ParameterResource>? userName = null, IResourceBuilder<ParameterResource>? password = null)
        {
            builder.Resource.UsePasswordAuthentication = true;
            return builder;
        }
    }
}

namespace Aspire.Hosting.Azure
{
    /// <summary>Azure Database for PostgreSQL.</summary>
    public class AzurePostgresFlexibleServerResource(string name, Action<AzureResourceInfrastructure> configureInfrastructure)
        : AzureProvisioningResource(name, configureInfrastructure)
    {
        public bool UsePasswordAuthentication { get; internal set; }
    }

    /// <summary>A database in it.</summary>
    public class AzurePostgresFlexibleServerDatabaseResource(string name, string databaseName, AzurePostgresFlexibleServerResource postgresParentResource)
        : Resource(name), IResourceWithConnectionString
    {
        public ReferenceExpression ConnectionStringExpression => throw new NotSupportedException("The stand-in for Aspire knows no address of Azure.");
        public string DatabaseName { get; } = databaseName;
        public AzurePostgresFlexibleServerResource Parent { get; } = postgresParentResource;
    }
}

namespace Azure.Provisioning.PostgreSql
{
    /// <summary>A server.</summary>
    public class PostgreSqlFlexibleServer(string bicepIdentifier, string? resourceVersion = null) : ProvisionableResource(bicepIdentifier)
    {
        public string? ResourceVersion { get; } = resourceVersion;
        public PostgreSqlFlexibleServerSku Sku { get; set; } = new();
        public BicepValue<int> StorageSizeInGB { get; set; } = new(0);
    }

    /// <summary>How large it is.</summary>
    public class PostgreSqlFlexibleServerSku : ProvisionableConstruct
    {
        public BicepValue<string> Name { get; set; } = new(string.Empty);
        public BicepValue<PostgreSqlFlexibleServerSkuTier> Tier { get; set; } = new(PostgreSqlFlexibleServerSkuTier.Burstable);
    }

    /// <summary>Sizes.</summary>
    public enum PostgreSqlFlexibleServerSkuTier
    {
        Burstable = 0,
        GeneralPurpose = 1,
        MemoryOptimized = 2,
    }
}
