namespace SmsGateway.AppHost.Deployment;

/// <summary>What a deployed stack has and a local one has not. Locally each of these changes nothing.</summary>
internal static class DeploymentExtensions
{
    /// <summary>The port of our services in their containers, which are not root and so listen on none below 1024.</summary>
    private const int ServicePort = 8080;

    /// <summary>
    /// Seconds from SIGTERM to the kill. Workers stop claiming, end what is in flight and give the rest back within 15 s; the API answers what it
    /// has begun. Whoever is killed earlier loses nothing, but leaves work to be taken over.
    /// </summary>
    public const int StopSeconds = 40;

    /// <summary>Adds the place to deploy to.</summary>
    public static void AddDeployment(this IDistributedApplicationBuilder builder, AppHostSettings settings)
    {
        switch (settings.Target)
        {
            case DeploymentTarget.Compose:
                builder.AddCompose();
                break;
            case DeploymentTarget.Kubernetes:
                builder.AddKubernetes(settings);
                break;
            case DeploymentTarget.Azure:
                builder.AddAzure();
                break;
        }
    }

    /// <summary>One resource with so many replicas, which its platform balances over, watches and lets end in peace.</summary>
    public static IResourceBuilder<ProjectResource> AsDeployed(this IResourceBuilder<ProjectResource> service, DeploymentTarget target, int replicas)
    {
        service.WithHttpEndpoint(targetPort: ServicePort).WithReplicas(replicas).WithProbes();
        return target switch
        {
            DeploymentTarget.Compose => service.InCompose(replicas),
            DeploymentTarget.Kubernetes => service.InKubernetes(),
            _ => service.InContainerApps(replicas),
        };
    }

    /// <summary>The edge, by which the world reaches the stack.</summary>
    public static IResourceBuilder<ContainerResource> AsDeployed(this IResourceBuilder<ContainerResource> edge, DeploymentTarget target, EdgeSettings settings) => target switch
    {
        DeploymentTarget.Compose => edge.InCompose(settings),
        DeploymentTarget.Azure => edge.InContainerApps(),
        _ => edge,
    };

    /// <summary>
    /// The job that brings the schema up to date; null where each worker does that before it starts, for Kubernetes and Container Apps would
    /// start a job that has ended again and again, or only by hand.
    /// </summary>
    public static IResourceBuilder<ProjectResource>? AddMigration(
        this IDistributedApplicationBuilder builder, AppHostSettings settings, IResourceBuilder<IResourceWithConnectionString> database, IResourceBuilder<IResource> postgres) =>
        settings.Target is DeploymentTarget.Kubernetes or DeploymentTarget.Azure
            ? null
            : builder.AddProject<Projects.SmsGateway_Workers>("migrate", launchProfileName: null)
                .WithArgs("migrate")
                .AsService(settings)
                .WithReference(database)
                .WaitFor(postgres);

    /// <summary>Starts the service after the job, where there is one. Where not, the API is not ready until the schema is.</summary>
    public static IResourceBuilder<ProjectResource> After(this IResourceBuilder<ProjectResource> service, IResourceBuilder<ProjectResource>? migration) =>
        migration is null ? service : service.WaitForCompletion(migration);

    /// <summary>Where there is no job, each worker runs the migrations before it starts: any number may, one does.</summary>
    public static IResourceBuilder<ProjectResource> WithOwnMigration(this IResourceBuilder<ProjectResource> workers, AppHostSettings settings) => settings.Target switch
    {
        DeploymentTarget.Kubernetes => workers.MigratingInKubernetes(),
        DeploymentTarget.Azure => workers.MigratingInContainerApps(),
        _ => workers,
    };

#pragma warning disable ASPIREPROBES001 // The only way to have probes; a change of it shows when the package is updated.
    /// <summary>Kept out of the balance while it cannot serve, restarted when it hangs.</summary>
    private static void WithProbes(this IResourceBuilder<ProjectResource> service) => service
        .WithHttpProbe(ProbeType.Readiness, "/health/", initialDelaySeconds: 2, periodSeconds: 5, timeoutSeconds: 3, failureThreshold: 2)
        .WithHttpProbe(ProbeType.Liveness, "/alive", initialDelaySeconds: 20, periodSeconds: 10, timeoutSeconds: 5, failureThreshold: 3);
#pragma warning restore ASPIREPROBES001
}
