using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting;

/// <summary>What is known of a project of the solution; <c>Projects.*</c> implement it.</summary>
public interface IProjectMetadata : IResourceAnnotation
{
    string ProjectPath { get; }

    string AssemblyPath { get; }
}

/// <summary>Adds processes.</summary>
public static class ExecutableResourceBuilderExtensions
{
    public static IResourceBuilder<ExecutableResource> AddExecutable(this IDistributedApplicationBuilder builder, string name, string command, string workingDirectory, params string[]? args) =>
        builder.AddResource(new ExecutableResource(name, command, Path.GetFullPath(workingDirectory, builder.AppHostDirectory))).WithArgs(args ?? []);
}

/// <summary>Adds projects.</summary>
public static class ProjectResourceBuilderExtensions
{
    public static IResourceBuilder<ProjectResource> AddProject<TProject>(this IDistributedApplicationBuilder builder, string name, string? launchProfileName)
        where TProject : IProjectMetadata, new() =>
        builder.AddResource(new ProjectResource(name)).With(new TProject());
    public static IResourceBuilder<ProjectResource> WithReplicas(this IResourceBuilder<ProjectResource> builder, int replicas) =>
        builder.With(new ReplicaAnnotation(replicas));
}

/// <summary>Adds parameters.</summary>
public static class ParameterResourceBuilderExtensions
{
    public static IResourceBuilder<ParameterResource> AddParameter(this IDistributedApplicationBuilder builder, string name, bool secret = false) =>
        builder.AddParameter(name, () => builder.Configuration[$"Parameters:{name}"]
            ?? throw new DistributedApplicationException($"Parameters:{name} is not configured."), secret: secret);
    public static IResourceBuilder<ParameterResource> AddParameter(this IDistributedApplicationBuilder builder, string name, Func<string> valueGetter, bool publishValueAsDefault = false, bool secret = false) =>
        builder.AddResource(new ParameterResource(name, valueGetter));
}

/// <summary>A connection string made of parts.</summary>
public sealed class ConnectionStringResource(string name, ReferenceExpression connectionStringExpression)
    : Resource(name), IResourceWithConnectionString, IResourceWithWaitSupport
{
    public ReferenceExpression ConnectionStringExpression { get; } = connectionStringExpression;
}

/// <summary>Adds connection strings.</summary>
public static class ConnectionStringBuilderExtensions
{
    public static IResourceBuilder<ConnectionStringResource> AddConnectionString(this IDistributedApplicationBuilder builder, string name, ReferenceExpression connectionStringExpression) =>
        builder.AddResource(new ConnectionStringResource(name, connectionStringExpression));
}

/// <summary>Adds containers to a model that is to be published. The stand-in cannot run them.</summary>
public static class ContainerResourceBuilderExtensions
{
    public static IResourceBuilder<ContainerResource> AddContainer(this IDistributedApplicationBuilder builder, string name, string image, string tag) =>
        builder.AddPublished(new ContainerResource(name));
    public static IResourceBuilder<ContainerResource> AddDockerfile(this IDistributedApplicationBuilder builder, string name, string contextPath, string? dockerfilePath = null, string? stage = null) =>
        builder.AddPublished(new ContainerResource(name));
    public static IResourceBuilder<T> WithBindMount<T>(this IResourceBuilder<T> builder, string source, string target, bool isReadOnly = false) where T : ContainerResource =>
        builder.With(new ContainerMountAnnotation(source, target, ContainerMountType.BindMount, isReadOnly));
    internal static IResourceBuilder<T> AddPublished<T>(this IDistributedApplicationBuilder builder, T resource) where T : ContainerResource =>
        builder.ExecutionContext.IsPublishMode ? builder.AddResource(resource) : throw new DistributedApplicationException(
            $"'{resource.Name}' is a container, and the stand-in for Aspire cannot run containers. Restore the public packages, or use Infrastructure=native.");
}
