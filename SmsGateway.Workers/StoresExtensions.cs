using SmsGateway.Core;
using SmsGateway.Core.Redis;
using SmsGateway.Core.Schema;
using SmsGateway.Workers.Claims;

namespace SmsGateway.Workers;

internal static class StoresExtensions
{
    /// <summary>Adds Redis, the database and what the API and the workers share.</summary>
    public static IHostApplicationBuilder AddStores(this IHostApplicationBuilder builder)
    {
        builder.Services.AddGatewayCore();
        builder.AddRedisClient("redis", configureOptions: RedisSessions.Bound);

        // PostgreSQL knows this worker's sessions by its id: whoever takes over from it can end them.
        var worker = new WorkerIdentity(TimeProvider.System);
        builder.Services.AddSingleton(worker);
        builder.AddNpgsqlDataSource("smsdb", configureDataSourceBuilder: source =>
        {
            source.ConnectionStringBuilder.ApplicationName = worker.Id;
            DatabaseSessions.Bound(source.ConnectionStringBuilder);
        });
        return builder;
    }
}
