using SmsGateway.AppHost.Deployment;

namespace SmsGateway.AppHost.Infrastructure;

/// <summary>What the services need of the infrastructure; the names are the same however it runs.</summary>
internal sealed record InfrastructureResources(
    IResourceBuilder<IResourceWithConnectionString> Redis,
    IResourceBuilder<IResource> Postgres,
    IResourceBuilder<IResourceWithConnectionString> Database);

internal static class InfrastructureExtensions
{
    /// <summary>Adds <c>redis</c>, <c>postgres</c> and its database <c>smsdb</c>.</summary>
    public static InfrastructureResources AddInfrastructure(this IDistributedApplicationBuilder builder, AppHostSettings settings)
    {
        if (settings.Target == DeploymentTarget.Azure)
        {
            return builder.AddAzureInfrastructure();
        }

        var password = builder.AddSecret(settings, "postgres-password");
        return settings.Infrastructure == InfrastructureKind.Native
            ? builder.AddNativeInfrastructure(settings, password)
            : builder.AddContainerInfrastructure(settings, password);
    }
}
