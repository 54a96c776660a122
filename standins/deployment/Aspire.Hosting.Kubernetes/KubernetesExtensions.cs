using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Kubernetes;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Aspire.Hosting
{
    /// <summary>Adds Kubernetes as the place to publish to. The stand-in keeps what is said of it and publishes nothing.</summary>
    public static class KubernetesEnvironmentExtensions
    {
        public static IResourceBuilder<KubernetesEnvironmentResource> AddKubernetesEnvironment(this IDistributedApplicationBuilder builder, string name)
        {
            builder.Services.AddSingleton<IHostedService>(_ => throw new DistributedApplicationException("The stand-in for Aspire.Hosting.Kubernetes publishes nothing. Restore the public package."));
            return builder.AddResource(new KubernetesEnvironmentResource(name));
        }

        public static IResourceBuilder<KubernetesEnvironmentResource> WithDashboard(this IResourceBuilder<KubernetesEnvironmentResource> builder, bool enabled = true)
        {
            builder.Resource.DashboardEnabled = enabled;
            return builder;
        }

        public static IResourceBuilder<KubernetesEnvironmentResource> WithProperties(this IResourceBuilder<KubernetesEnvironmentResource> builder, Action<KubernetesEnvironmentResource> configure)
        {
            configure(builder.Resource);
            return builder;
        }
    }

    /// <summary>Says how a resource is published to it.</summary>
    public static class KubernetesServiceExtensions
    {
        public static IResourceBuilder<T> PublishAsKubernetesService<T>(this IResourceBuilder<T> builder, Action<KubernetesResource> configure)
            where T : IComputeResource => builder.WithAnnotation(new KubernetesServiceCustomizationAnnotation(configure));
    }
}

namespace Aspire.Hosting.Kubernetes
{
    /// <summary>A Helm chart to publish to.</summary>
    public sealed class KubernetesEnvironmentResource(string name) : Resource(name), IComputeEnvironmentResource
    {
        public bool DashboardEnabled { get; set; } = true;
        public string DefaultStorageType { get; set; } = "emptyDir";
        public string DefaultStorageSize { get; set; } = "1Gi";
    }

    /// <summary>A resource as objects of Kubernetes.</summary>
    public class KubernetesResource(string name, IResource resource, KubernetesEnvironmentResource kubernetesEnvironmentResource) : Resource(name)
    {
        public KubernetesEnvironmentResource Parent { get; } = kubernetesEnvironmentResource;
        public Resources.Workload? Workload { get; set; }
        internal IResource TargetResource { get; } = resource;
    }

    /// <summary>What <c>PublishAsKubernetesService</c> was given.</summary>
    public sealed class KubernetesServiceCustomizationAnnotation(Action<KubernetesResource> configure) : IResourceAnnotation
    {
        public Action<KubernetesResource> Configure { get; } = configure;
    }
}

namespace Aspire.Hosting.Kubernetes.Resources
{
    /// <summary>Something that makes pods.</summary>
    public abstract class Workload(string apiVersion, string kind)
    {
        public string ApiVersion { get; } = apiVersion;
        public string Kind { get; } = kind;
        public abstract PodTemplateSpecV1 PodTemplate { get; }
    }

    /// <summary>A deployment.</summary>
    public sealed class Deployment() : Workload("apps/v1", "Deployment")
    {
        public DeploymentSpecV1 Spec { get; set; } = new();
        public override PodTemplateSpecV1 PodTemplate => Spec.Template;
    }

    /// <summary>What a deployment consists of.</summary>
    public sealed class DeploymentSpecV1
    {
        public PodTemplateSpecV1 Template { get; set; } = new();
    }

    /// <summary>What the pods of a workload are like.</summary>
    public sealed class PodTemplateSpecV1
    {
        public PodSpecV1 Spec { get; set; } = new();
    }

    /// <summary>A pod.</summary>
    public sealed class PodSpecV1
    {
        public List<ContainerV1> Containers { get; } = [];
        public List<ContainerV1> InitContainers { get; } = [];
        public PodSecurityContextV1? SecurityContext { get; set; }
        public long? TerminationGracePeriodSeconds { get; set; }
    }

    /// <summary>What a pod may do.</summary>
    public sealed class PodSecurityContextV1
    {
        public bool? RunAsNonRoot { get; set; }
    }

    /// <summary>A container of a pod.</summary>
    public sealed class ContainerV1
    {
        public List<string> Args { get; } = [];
        public List<EnvFromSourceV1> EnvFrom { get; } = [];
        public string Image { get; set; } = null!;
        public string ImagePullPolicy { get; set; } = "IfNotPresent";
        public ProbeV1? LivenessProbe { get; set; }
        public string Name { get; set; } = null!;
        public ProbeV1? ReadinessProbe { get; set; }
    }

    /// <summary>Where a container has environment variables from.</summary>
    public sealed class EnvFromSourceV1
    {
        public ConfigMapEnvSourceV1? ConfigMapRef { get; set; }
        public SecretEnvSourceV1? SecretRef { get; set; }
    }

    /// <summary>A config map by name.</summary>
    public sealed class ConfigMapEnvSourceV1
    {
        public string Name { get; set; } = null!;
    }

    /// <summary>A secret by name.</summary>
    public sealed class SecretEnvSourceV1
    {
        public string Name { get; set; } = null!;
    }

    /// <summary>How a container is asked whether it is well.</summary>
    public sealed class ProbeV1
    {
        public HttpGetActionV1? HttpGet { get; set; }
    }

    /// <summary>A request that asks it.</summary>
    public sealed class HttpGetActionV1
    {
        public string Scheme { get; set; } = null!;
    }
}
