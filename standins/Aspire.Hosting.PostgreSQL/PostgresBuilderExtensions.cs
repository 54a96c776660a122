using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting
{
    /// <summary>Adds PostgreSQL in a container to a model that is to be published.</summary>
    public static class PostgresBuilderExtensions
    {
        public static IResourceBuilder<PostgresServerResource> AddPostgres(this IDistributedApplicationBuilder builder, string name, IResourceBuilder<ParameterResource>? userName = null, IResourceBuilder<ParameterResource>? password = null, int? port = null) =>
            builder.AddPublished(new PostgresServerResource(name)).WithEndpoint(port, targetPort: 5432);
        public static IResourceBuilder<PostgresDatabaseResource> AddDatabase(this IResourceBuilder<PostgresServerResource> builder, string name, string? databaseName = null) =>
            builder.ApplicationBuilder.AddResource(new PostgresDatabaseResource(name, databaseName ?? name, builder.Resource));
        public static IResourceBuilder<PostgresServerResource> WithDataVolume(this IResourceBuilder<PostgresServerResource> builder, string? name = null, bool isReadOnly = false) =>
            builder.With(new ContainerMountAnnotation(name, "/var/lib/postgresql", ContainerMountType.Volume, isReadOnly));
    }
}

namespace Aspire.Hosting.ApplicationModel
{
    /// <summary>PostgreSQL in a container.</summary>
    public class PostgresServerResource(string name) : ContainerResource(name);

    /// <summary>A database in it.</summary>
    public class PostgresDatabaseResource(string name, string databaseName, PostgresServerResource postgresParentResource) : Resource(name), IResourceWithConnectionString
    {
        public ReferenceExpression ConnectionStringExpression => ReferenceExpression.Create($"{new EndpointReference(Parent, "tcp")};Database={DatabaseName}");
        public string DatabaseName { get; } = databaseName;
        public PostgresServerResource Parent { get; } = postgresParentResource;
    }
}
