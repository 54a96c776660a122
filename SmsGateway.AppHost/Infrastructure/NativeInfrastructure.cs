using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace SmsGateway.AppHost.Infrastructure;

/// <summary>A Redis server of this machine, with the connection string to it.</summary>
internal sealed class NativeRedisResource(string name, string workingDirectory)
    : ExecutableResource(name, "redis-server", workingDirectory), IResourceWithConnectionString
{
    public ReferenceExpression ConnectionStringExpression
    {
        get
        {
            var endpoint = new EndpointReference(this, "tcp");
            return ReferenceExpression.Create($"{endpoint.Property(EndpointProperty.IPV4Host)}:{endpoint.Property(EndpointProperty.Port)}");
        }
    }
}

/// <summary>Redis and PostgreSQL as processes of programs that this machine has. They listen on the loopback address alone.</summary>
internal static class NativeInfrastructure
{
    public static InfrastructureResources AddNativeInfrastructure(
        this IDistributedApplicationBuilder builder, AppHostSettings settings, IResourceBuilder<ParameterResource> postgresPassword)
    {
        var redis = builder.AddNativeRedis(settings);
        string[] postgresArguments = [Path.Combine(settings.DataFolder, "postgres"), "smsdb", .. PostgresSettings.Arguments];
        var postgres = builder.AddExecutable(
                "postgres",
                Path.Combine(settings.RepositoryFolder, "native", "postgres.sh"),
                settings.RepositoryFolder,
                postgresArguments)
            .WithEndpoint(name: "tcp", env: "POSTGRES_PORT", isProxied: false)
            .WithEnvironment("POSTGRES_PASSWORD", postgresPassword)
            .WithHealthCheck("postgres");
        var endpoint = postgres.GetEndpoint("tcp");
        var database = builder.AddConnectionString("smsdb", ReferenceExpression.Create(
            $"Host={endpoint.Property(EndpointProperty.IPV4Host)};Port={endpoint.Property(EndpointProperty.Port)};Username=postgres;Password={postgresPassword};Database=smsdb"));

        builder.Services.AddHealthChecks()
            .Add(new("redis", _ => new RedisHealthCheck(redis.Resource), HealthStatus.Unhealthy, tags: null))
            .Add(new("postgres", _ => new PostgresHealthCheck(database.Resource), HealthStatus.Unhealthy, tags: null));
        return new(redis, postgres, database);
    }

    private static IResourceBuilder<NativeRedisResource> AddNativeRedis(this IDistributedApplicationBuilder builder, AppHostSettings settings)
    {
        var folder = Directory.CreateDirectory(Path.Combine(settings.DataFolder, "redis")).FullName;
        var redis = builder.AddResource(new NativeRedisResource("redis", folder)).WithEndpoint(name: "tcp", isProxied: false);
        return redis
            .WithArgs("--port", redis.GetEndpoint("tcp").Property(EndpointProperty.Port), "--bind", "127.0.0.1", "--dir", folder)
            .WithArgs(RedisDurability.Arguments)
            .WithHealthCheck("redis");
    }
}
