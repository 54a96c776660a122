using SmsGateway.Workers.Claims;

namespace SmsGateway.Workers.Recovery;

internal static class RecoveryExtensions
{
    /// <summary>Adds the heartbeat of this worker, and what takes care of the claims of the dead and of a Redis that lost time.</summary>
    public static IHostApplicationBuilder AddRecovery(this IHostApplicationBuilder builder)
    {
        builder.Services.AddSingleton<ActiveClaims>();
        builder.Services.AddSingleton<Heartbeat>();
        builder.Services.AddSingleton<TakeOver>();
        builder.Services.AddSingleton<RedisRebuild>();
        builder.Services.AddHostedService<RecoveryService>();
        return builder;
    }
}
