using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting
{
    /// <summary>Adds Redis in a container to a model that is to be published.</summary>
    public static class RedisBuilderExtensions
    {
        public static IResourceBuilder<RedisResource> AddRedis(this IDistributedApplicationBuilder builder, string name, int? port = null, IResourceBuilder<ParameterResource>? password = null) =>
            builder.AddPublished(new RedisResource(name)).WithEndpoint(port, targetPort: 6379).WithArgs("-c", "redis-server");
        public static IResourceBuilder<RedisResource> WithDataVolume(this IResourceBuilder<RedisResource> builder, string? name = null, bool isReadOnly = false) =>
            builder.With(new ContainerMountAnnotation(name, "/data", ContainerMountType.Volume, isReadOnly));
    }
}

namespace Aspire.Hosting.ApplicationModel
{
    /// <summary>Redis in a container.</summary>
    public class RedisResource(string name) : ContainerResource(name), IResourceWithConnectionString
    {
        public ReferenceExpression ConnectionStringExpression => ReferenceExpression.Create($"{new EndpointReference(this, "tcp")}");
    }
}
