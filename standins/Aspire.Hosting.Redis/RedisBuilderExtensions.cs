using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting
{
    /// <summary>Adds Redis in a container. The stand-in only says that it cannot run one.</summary>
    public static class RedisBuilderExtensions
    {
        public static IResourceBuilder<RedisResource> AddRedis(this IDistributedApplicationBuilder builder, string name, int? port = null, IResourceBuilder<ParameterResource>? password = null) =>
            throw ContainerResourceBuilderExtensions.Unsupported(name);
        public static IResourceBuilder<RedisResource> WithDataVolume(this IResourceBuilder<RedisResource> builder, string? name = null, bool isReadOnly = false) =>
            throw ContainerResourceBuilderExtensions.Unsupported(builder.Resource.Name);
    }
}

namespace Aspire.Hosting.ApplicationModel
{
    /// <summary>Redis in a container.</summary>
    public class RedisResource(string name) : ContainerResource(name), IResourceWithConnectionString
    {
        public ReferenceExpression ConnectionStringExpression => throw ContainerResourceBuilderExtensions.Unsupported(Name);
    }
}
