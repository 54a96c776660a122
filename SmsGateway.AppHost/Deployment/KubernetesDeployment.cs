using Aspire.Hosting.Kubernetes.Resources;

namespace SmsGateway.AppHost.Deployment;

internal static class KubernetesDeployment
{
    public static void AddKubernetes(this IDistributedApplicationBuilder builder, AppHostSettings settings) => builder
        .AddKubernetesEnvironment("kubernetes")
        .WithDashboard(enabled: false)
        .WithProperties(environment =>
        {
            // By default a volume lives and dies with its pod.
            environment.DefaultStorageType = "pvc";
            environment.DefaultStorageSize = settings.VolumeSize;
        });

    public static IResourceBuilder<ProjectResource> InKubernetes(this IResourceBuilder<ProjectResource> service) => service
        .PublishAsKubernetesService(published =>
        {
            var pod = published.Workload!.PodTemplate.Spec;
            pod.SecurityContext = new() { RunAsNonRoot = true };
            pod.TerminationGracePeriodSeconds = DeploymentExtensions.StopSeconds;
            foreach (var container in pod.Containers)
            {
                Mend(container.LivenessProbe);
                Mend(container.ReadinessProbe);
            }
        });

    /// <summary>The container of the worker once more, with other arguments, to its end before the worker starts.</summary>
    public static IResourceBuilder<ProjectResource> MigratingInKubernetes(this IResourceBuilder<ProjectResource> workers) => workers
        .PublishAsKubernetesService(published =>
        {
            var pod = published.Workload!.PodTemplate.Spec;
            var worker = pod.Containers[0];
            pod.InitContainers.Add(new() { Name = "migrate", Image = worker.Image, ImagePullPolicy = worker.ImagePullPolicy });
            pod.InitContainers[0].Args.Add("migrate");
            pod.InitContainers[0].EnvFrom.AddRange(worker.EnvFrom.Select(Copy));
        });

    // Kubernetes refuses the lower case that Aspire 13.5 writes (microsoft/aspire#18271).
    private static void Mend(ProbeV1? probe)
    {
        if (probe?.HttpGet is { } request)
        {
            request.Scheme = request.Scheme.ToUpperInvariant();
        }
    }

    // A source that two containers share would be written as an alias.
    private static EnvFromSourceV1 Copy(EnvFromSourceV1 source) => new()
    {
        ConfigMapRef = source.ConfigMapRef is { } map ? new() { Name = map.Name } : null,
        SecretRef = source.SecretRef is { } secret ? new() { Name = secret.Name } : null,
    };
}
