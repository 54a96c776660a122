using SmsGateway.Core;
using SmsGateway.Core.Redis;
using SmsGateway.Core.Schema;
using SmsGateway.Core.Settings;

namespace SmsGateway.Api;

/// <summary>What all features stand upon: Redis, the database, the shards and the gate.</summary>
internal static class StoresExtensions
{
    // A reader waits for a database that is gone no longer than its client waits for the reader.
    private const int ConnectSeconds = 3;
    private const int CommandSeconds = 10;

    public static IHostApplicationBuilder AddStores(this IHostApplicationBuilder builder)
    {
        builder.AddNpgsqlDataSource("smsdb", configureDataSourceBuilder: source =>
        {
            source.ConnectionStringBuilder.Timeout = ConnectSeconds;
            source.ConnectionStringBuilder.CommandTimeout = CommandSeconds;
            DatabaseSessions.Bound(source.ConnectionStringBuilder);
        });
        builder.AddRedisClient("redis", configureOptions: RedisSessions.Bound);
        builder.Services.AddValidatedOptions<RedisOptions, RedisOptionsValidator>(RedisOptions.Section);
        builder.Services.AddGatewayCore();
        return builder;
    }
}
