using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Azure;
using Aspire.Hosting.Docker;
using Aspire.Hosting.Docker.Resources;
using Aspire.Hosting.Kubernetes;
using Aspire.Hosting.Kubernetes.Resources;
using Aspire.Hosting.Testing;

using Azure.Provisioning.AppContainers;
using Azure.Provisioning.PostgreSql;
using Azure.Provisioning.RedisEnterprise;

using Microsoft.Extensions.DependencyInjection;

using SmsGateway.AppHost.Deployment;

namespace SmsGateway.Tests.AppHost;

/// <summary>The app model as it is published: what each target has, and what each part is told. No container and no cloud is needed to build it.</summary>
public sealed class DeploymentUnitTests
{
    private static readonly DistributedApplicationExecutionContext Publishing = new(DistributedApplicationOperation.Publish);

    [Theory]
    [InlineData("compose", "api, compose, edge, migrate, postgres, redis, workers")]
    [InlineData("kubernetes", "api, edge, kubernetes, postgres, redis, workers")]
    [InlineData("azure", "api, azure, edge, workers")]
    public async Task Publish_for_a_target_has_its_resources(string target, string resources)
    {
        var model = await PublishAsync(target);

        Assert.Equal(resources, string.Join(", ", model.Resources
            .Where(resource => resource is IComputeResource or IComputeEnvironmentResource).Select(resource => resource.Name).Order(StringComparer.Ordinal)));
    }

    [Fact]
    public async Task Publish_without_a_target_is_for_Azure_with_its_Redis_and_PostgreSQL_by_password()
    {
        var model = await PublishAsync(null);

        Assert.True(Find<AzureManagedRedisResource>(model, "redis").UseAccessKeyAuthentication);
        Assert.True(Find<AzurePostgresFlexibleServerResource>(model, "postgres").UsePasswordAuthentication);
        Assert.Equal("smsdb", Find<AzurePostgresFlexibleServerDatabaseResource>(model, "smsdb").DatabaseName);
    }

    [Theory]
    [InlineData("Deployment:Target", "swarm", "compose, kubernetes, azure")]
    [InlineData("Deployment:VolumeSize", "50 GB", "a size such as 50Gi or 1Ti")]
    public async Task Publish_with_a_wrong_setting_stops_and_says_what_is_allowed(string setting, string value, string allowed)
    {
        var error = await Assert.ThrowsAsync<DistributedApplicationException>(
            () => DistributedApplicationTestingBuilder.CreateAsync<Projects.SmsGateway_AppHost>(["--operation", "publish", $"--{setting}={value}"]));

        Assert.Equal($"The setting {setting} is '{value}'; allowed: {allowed}.", error.Message);
    }

    [Theory]
    [InlineData("compose", "server {api.bindings.http.IPV4Host}:{api.bindings.http.Port} resolve max_fails=3 fail_timeout=1s; ")]
    [InlineData("kubernetes", "server {api.bindings.http.IPV4Host}:{api.bindings.http.Port} max_fails=3 fail_timeout=1s; ")]
    [InlineData("azure", "server {api.bindings.http.IPV4Host}:{api.bindings.http.Port} max_fails=3 fail_timeout=1s; ")]
    public async Task Edge_balances_over_one_name_and_is_the_only_part_that_the_world_reaches(string target, string servers)
    {
        var model = await PublishAsync(target);
        var environment = await EnvironmentAsync(model, "edge");

        Assert.Equal(servers, environment["API_SERVERS"], ignoreCase: true);
        Assert.Equal(target == "compose", environment["EDGE_RESOLVER"].StartsWith("resolver ", StringComparison.Ordinal));
        Assert.Contains("set_real_ip_from 10.0.0.0/8; ", environment["EDGE_TRUSTED_PROXIES"], StringComparison.Ordinal);
        Assert.Equal(["edge"], model.Resources.Where(resource => resource.Annotations.OfType<EndpointAnnotation>().Any(endpoint => endpoint.IsExternal)).Select(resource => resource.Name));
        Assert.Equal(target == "compose" ? 8_080 : null, Endpoint(model, "edge").Port);
    }

    [Theory]
    [InlineData("compose", "{public-url.value}")]
    [InlineData("kubernetes", "{public-url.value}")]
    [InlineData("azure", "{edge.bindings.http.url}")]
    public async Task Services_know_the_address_that_providers_call_back_and_no_simulator(string target, string address)
    {
        var model = await PublishAsync(target);
        foreach (string service in (string[])["api", "workers"])
        {
            var environment = await EnvironmentAsync(model, service);
            Assert.Equal(address, environment["Receipts__PublicUrl"], ignoreCase: true);
            Assert.Equal("{provider-address.value}", environment["Providers__0__Address"]);
            Assert.Equal(("{redis.connectionString}", "{smsdb.connectionString}"), (environment["ConnectionStrings__redis"], environment["ConnectionStrings__smsdb"]));
        }

        Assert.DoesNotContain(model.Resources, resource => resource.Name == "simulator");
    }

    [Theory]
    [InlineData("compose")]
    [InlineData("kubernetes")]
    public async Task Redis_in_a_container_loses_no_key_and_no_answered_write(string target)
    {
        var arguments = new List<object>();
        foreach (var annotation in Find<IResource>(await PublishAsync(target), "redis").Annotations.OfType<CommandLineArgsCallbackAnnotation>())
        {
            await annotation.Callback(new(arguments));
        }

        // A shell reads the last one.
        Assert.Contains(" --appendonly yes --appendfsync always --maxmemory-policy noeviction --save '' ", arguments[^1].ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("compose")]
    [InlineData("kubernetes")]
    public async Task Data_is_in_volumes_of_the_same_name_wherever_it_was_published(string target)
    {
        var model = await PublishAsync(target);

        var mounts = model.Resources.SelectMany(resource => resource.Annotations.OfType<ContainerMountAnnotation>());
        Assert.Equal([("redis-data", ContainerMountType.Volume), ("postgres-data", ContainerMountType.Volume)], mounts.Select(mount => (mount.Source, mount.Type)));
    }

    [Fact]
    public void Redis_of_Azure_keeps_what_it_has_drops_nothing_and_is_no_cluster()
    {
        var database = new RedisEnterpriseDatabase("redis_default");
        AzureDeployment.Keep(database);

        Assert.True(database.Persistence.IsAofEnabled.Value);
        Assert.Equal(RedisEnterpriseEvictionPolicy.NoEviction, database.EvictionPolicy.Value);
        Assert.Equal(RedisEnterpriseClusteringPolicy.NoCluster, database.ClusteringPolicy.Value);

        var server = new PostgreSqlFlexibleServer("postgres");
        AzureDeployment.Enlarge(server);
        Assert.Equal(PostgreSqlFlexibleServerSkuTier.GeneralPurpose, server.Sku.Tier.Value);
    }

    [Fact]
    public async Task Services_in_Compose_have_their_replicas_end_in_peace_and_come_back_and_wait_for_the_migration()
    {
        var model = await PublishAsync("compose", "--Api:Replicas=3", "--Workers:Replicas=4");
        var environment = Find<DockerComposeEnvironmentResource>(model, "compose");
        var file = new ComposeFile();
        foreach (string name in (string[])["api", "workers", "migrate"])
        {
            var resource = Find<IResource>(model, name);
            file.Services[name] = new() { Name = name };
            foreach (var customization in resource.Annotations.OfType<DockerComposeServiceCustomizationAnnotation>())
            {
                customization.Configure(new(name, resource, environment), file.Services[name]);
            }
        }

        ComposeDeployment.RestartAll(file);

        Assert.Equal([3, 4], file.Services.Values.Where(service => service.Deploy is not null).Select(service => service.Deploy!.Replicas!.Value));
        Assert.Equal(["40s", "40s", null], file.Services.Values.Select(service => service.StopGracePeriod));
        Assert.Equal(["unless-stopped", "unless-stopped", null], file.Services.Values.Select(service => service.Restart));
        Assert.All((string[])["api", "workers"], name => Assert.Contains(
            Find<IResource>(model, name).Annotations.OfType<WaitAnnotation>(), wait => wait is { WaitType: WaitType.WaitForCompletion, Resource.Name: "migrate" }));
    }

    [Fact]
    public async Task Services_in_Kubernetes_are_not_root_probed_and_the_workers_migrate_first()
    {
        var model = await PublishAsync("kubernetes", "--Deployment:VolumeSize=2Ti");
        var environment = Find<KubernetesEnvironmentResource>(model, "kubernetes");
        Assert.Equal(("pvc", "2Ti"), (environment.DefaultStorageType, environment.DefaultStorageSize));

        var api = Pod(model, environment, "api");
        Assert.Empty(api.InitContainers);
        Assert.Equal((true, 40L), (api.SecurityContext!.RunAsNonRoot, api.TerminationGracePeriodSeconds));
        Assert.Equal("HTTP", api.Containers[0].LivenessProbe!.HttpGet!.Scheme);
        Assert.Equal("HTTP", api.Containers[0].ReadinessProbe!.HttpGet!.Scheme);

        var workers = Pod(model, environment, "workers");
        var migrate = Assert.Single(workers.InitContainers);
        Assert.Equal((workers.Containers[0].Image, "migrate"), (migrate.Image, Assert.Single(migrate.Args)));
        Assert.Equal(["workers-config", "workers-secrets"], migrate.EnvFrom.Select(source => source.ConfigMapRef?.Name ?? source.SecretRef!.Name));
        Assert.Empty(migrate.EnvFrom.Intersect(workers.Containers[0].EnvFrom));
    }

    [Fact]
    public async Task Services_in_Container_Apps_are_balanced_by_connection_and_the_workers_migrate_first()
    {
        var model = await PublishAsync("azure", "--Api:Replicas=3", "--Workers:Replicas=4");

        Assert.Equal(("tcp", "tcp", "http"), (Endpoint(model, "api").Transport, Endpoint(model, "workers").Transport, Endpoint(model, "edge").Transport));
        Assert.Equal([3, 4, 1], ((string[])["api", "workers", "edge"]).Select(name => App(model, name).Template.Scale.MaxReplicas.Value));
        Assert.Equal([3, 4, 1], ((string[])["api", "workers", "edge"]).Select(name => App(model, name).Template.Scale.MinReplicas.Value));
        Assert.Equal(40, App(model, "workers").Template.TerminationGracePeriodSeconds.Value);

        Assert.Empty(App(model, "api").Template.InitContainers);
        var migrate = Assert.Single(App(model, "workers").Template.InitContainers).Value!;
        Assert.Equal(("registry/workers", "migrate"), (migrate.Image.Value, Assert.Single(migrate.Args).Value));
        Assert.Equal("ConnectionStrings__smsdb", Assert.Single(migrate.Env).Value!.Name.Value);
    }

#pragma warning disable ASPIREPROBES001 // The annotations of the probes that a model has.
    [Theory]
    [InlineData("compose")]
    [InlineData("kubernetes")]
    [InlineData("azure")]
    public async Task Services_are_asked_whether_they_are_ready_and_whether_they_live(string target)
    {
        var model = await PublishAsync(target);
        foreach (string name in (string[])["api", "workers"])
        {
            var probes = Find<IResource>(model, name).Annotations.OfType<EndpointProbeAnnotation>();
            Assert.Equal([(ProbeType.Readiness, "/health/"), (ProbeType.Liveness, "/alive")], probes.Select(probe => (probe.Type, probe.Path)));
            Assert.Equal(8_080, Endpoint(model, name).TargetPort);
        }
    }
#pragma warning restore ASPIREPROBES001

    private static async Task<DistributedApplicationModel> PublishAsync(string? target, params string[] settings)
    {
        await using var builder = await DistributedApplicationTestingBuilder.CreateAsync<Projects.SmsGateway_AppHost>(
            ["--operation", "publish", .. target is null ? [] : (string[])[$"--Deployment:Target={target}"], .. settings]);
        await using var app = await builder.BuildAsync();
        return app.Services.GetRequiredService<DistributedApplicationModel>();
    }

    private static T Find<T>(DistributedApplicationModel model, string name)
        where T : IResource => Assert.IsAssignableFrom<T>(Assert.Single(model.Resources, resource => resource.Name == name));

    private static EndpointAnnotation Endpoint(DistributedApplicationModel model, string name) =>
        Assert.Single(Find<IResource>(model, name).Annotations.OfType<EndpointAnnotation>());

    private static async Task<IReadOnlyDictionary<string, string>> EnvironmentAsync(DistributedApplicationModel model, string name)
    {
        var resource = Find<IResource>(model, name);
        var context = new EnvironmentCallbackContext(Publishing, resource);
        foreach (var annotation in resource.Annotations.OfType<EnvironmentCallbackAnnotation>())
        {
            await annotation.Callback(context);
        }

        return context.EnvironmentVariables.ToDictionary(
            variable => variable.Key, variable => (variable.Value as IManifestExpressionProvider)?.ValueExpression ?? variable.Value.ToString()!, StringComparer.Ordinal);
    }

    /// <summary>What becomes of a pod as Aspire has made it.</summary>
    private static PodSpecV1 Pod(DistributedApplicationModel model, KubernetesEnvironmentResource environment, string name)
    {
        var resource = Find<IResource>(model, name);
        var published = new KubernetesResource(name, resource, environment) { Workload = new Deployment() };
        var pod = published.Workload.PodTemplate.Spec;
        pod.Containers.Add(new()
        {
            Name = name,
            Image = $"registry/{name}",
            LivenessProbe = new() { HttpGet = new() { Scheme = "http" } },
            ReadinessProbe = new() { HttpGet = new() { Scheme = "http" } },
        });
        pod.Containers[0].EnvFrom.Add(new() { ConfigMapRef = new() { Name = $"{name}-config" } });
        pod.Containers[0].EnvFrom.Add(new() { SecretRef = new() { Name = $"{name}-secrets" } });
        foreach (var customization in resource.Annotations.OfType<KubernetesServiceCustomizationAnnotation>())
        {
            customization.Configure(published);
        }

        return pod;
    }

    /// <summary>What becomes of an app as Aspire has made it.</summary>
    private static ContainerApp App(DistributedApplicationModel model, string name)
    {
        var app = new ContainerApp(name) { Template = new() { Scale = new() } };
        app.Template.Containers.Add(new ContainerAppContainer { Name = name, Image = $"registry/{name}" });
        app.Template.Containers[0].Value!.Env.Add(new ContainerAppEnvironmentVariable { Name = "ConnectionStrings__smsdb", SecretRef = "connectionstrings--smsdb" });
        foreach (var customization in Find<IResource>(model, name).Annotations.OfType<AzureContainerAppCustomizationAnnotation>())
        {
            customization.Configure(null!, app);
        }

        return app;
    }
}
