using Azure.Provisioning.AppContainers;
using Azure.Provisioning.PostgreSql;
using Azure.Provisioning.RedisEnterprise;
using SmsGateway.AppHost.Infrastructure;

namespace SmsGateway.AppHost.Deployment;

internal static class AzureDeployment
{
    public static void AddAzure(this IDistributedApplicationBuilder builder) => builder.AddAzureContainerAppEnvironment("azure");

    /// <summary>Redis and PostgreSQL as services of Azure, with passwords that Azure's vault keeps: our services know no other way to sign in.</summary>
    public static InfrastructureResources AddAzureInfrastructure(this IDistributedApplicationBuilder builder)
    {
        var redis = builder.AddAzureManagedRedis("redis")
            .WithAccessKeyAuthentication()
            .ConfigureInfrastructure(infrastructure =>
            {
                var resources = infrastructure.GetProvisionableResources().ToList();
                resources.OfType<RedisEnterpriseCluster>().Single().Sku.Name = RedisEnterpriseSkuName.BalancedB5;
                Keep(resources.OfType<RedisEnterpriseDatabase>().Single());
            });
        var postgres = builder.AddAzurePostgresFlexibleServer("postgres")
            .WithPasswordAuthentication()
            .ConfigureInfrastructure(infrastructure => Enlarge(infrastructure.GetProvisionableResources().OfType<PostgreSqlFlexibleServer>().Single()));
        return new(redis, postgres, postgres.AddDatabase("smsdb"));
    }

    /// <summary>
    /// By itself a managed Redis keeps nothing, drops keys with an end when it is full, and is a cluster. It is where a message lives until PostgreSQL
    /// has it, and to drop a key is to lose money. <c>OneSecond</c> is the most that Azure offers: docs/operations.md says what that means.
    /// </summary>
    internal static void Keep(RedisEnterpriseDatabase database)
    {
        database.Persistence = new() { IsAofEnabled = true, AofFrequency = PersistenceSettingAofFrequency.OneSecond };
        database.EvictionPolicy = RedisEnterpriseEvictionPolicy.NoEviction;
        database.ClusteringPolicy = RedisEnterpriseClusteringPolicy.NoCluster;
    }

    /// <summary>The default size takes 50 connections; each replica of a service has a pool of up to 100.</summary>
    internal static void Enlarge(PostgreSqlFlexibleServer server)
    {
        server.Sku = new() { Name = "Standard_D2ds_v5", Tier = PostgreSqlFlexibleServerSkuTier.GeneralPurpose };
        server.StorageSizeInGB = 256;
    }

    public static IResourceBuilder<ProjectResource> InContainerApps(this IResourceBuilder<ProjectResource> service, int replicas) => service
        // By connection and not by host name: the edge speaks to the service as everywhere else, and passes the client's host on.
        .WithEndpoint("http", endpoint => endpoint.Transport = "tcp")
        .PublishAsAzureContainerApp((_, app) =>
        {
            Replicate(app, replicas);
            app.Template.TerminationGracePeriodSeconds = DeploymentExtensions.StopSeconds;
        });

    /// <summary>One edge: each has buckets of its own, so that two would let through twice the rates.</summary>
    public static IResourceBuilder<ContainerResource> InContainerApps(this IResourceBuilder<ContainerResource> edge) => edge
        .PublishAsAzureContainerApp((_, app) => Replicate(app, 1));

    /// <summary>The container of the worker once more, with other arguments, to its end before the worker starts.</summary>
    public static IResourceBuilder<ProjectResource> MigratingInContainerApps(this IResourceBuilder<ProjectResource> workers) => workers
        .PublishAsAzureContainerApp((_, app) =>
        {
            var worker = app.Template.Containers[0].Value!;
            var migrate = new ContainerAppInitContainer { Name = "migrate", Image = worker.Image, Args = ["migrate"] };
            foreach (var variable in worker.Env)
            {
                migrate.Env.Add(variable);
            }

            app.Template.InitContainers.Add(migrate);
        });

    // As many as there are connections to PostgreSQL for, whatever the load.
    private static void Replicate(ContainerApp app, int replicas)
    {
        app.Template.Scale.MinReplicas = replicas;
        app.Template.Scale.MaxReplicas = replicas;
    }
}
