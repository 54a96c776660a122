using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting
{
    /// <summary>Adds PostgreSQL in a container. The stand-in only says that it cannot run one.</summary>
    public static class PostgresBuilderExtensions
    {
        public static IResourceBuilder<PostgresServerResource> AddPostgres(this IDistributedApplicationBuilder builder, string name, IResourceBuilder<ParameterResource>? userName = null, IResourceBuilder<ParameterResource>? password = null, int? port = null) =>
            throw ContainerResourceBuilderExtensions.Unsupported(name);
        public static IResourceBuilder<PostgresDatabaseResource> AddDatabase(this IResourceBuilder<PostgresServerResource> builder, string name, string? databaseName = null) =>
            throw ContainerResourceBuilderExtensions.Unsupported(name);
        public static IResourceBuilder<PostgresServerResource> WithDataVolume(this IResourceBuilder<PostgresServerResource> builder, string? name = null, bool isReadOnly = false) =>
            throw ContainerResourceBuilderExtensions.Unsupported(builder.Resource.Name);
    }
}

namespace Aspire.Hosting.ApplicationModel
{
    /// <summary>PostgreSQL in a container.</summary>
    public class PostgresServerResource(string name) : ContainerResource(name);

    /// <summary>A database in it.</summary>
    public class PostgresDatabaseResource(string name) : Resource(name), IResourceWithConnectionString
    {
        public ReferenceExpression ConnectionStringExpression => throw ContainerResourceBuilderExtensions.Unsupported(Name);
    }
}
