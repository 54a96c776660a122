using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

using SmsGateway.Core.Credits;
using SmsGateway.Core.Redis;
using SmsGateway.Core.Settings;

namespace SmsGateway.Core;

/// <summary>Registers what the API and the workers share. They register the Redis connection and the database themselves.</summary>
public static class GatewayServices
{
    /// <summary>Adds <see cref="GatewayOptions"/>, shards, epoch gate and everything that moves money.</summary>
    public static IServiceCollection AddGatewayCore(this IServiceCollection services) => services
        .AddValidatedOptions<GatewayOptions, GatewayOptionsValidator>(GatewayOptions.Section)
        .AddSingleton(provider => new Shards(provider.GetRequiredService<IOptions<GatewayOptions>>().Value.Shards))
        .AddSingleton<EpochGate>()
        .AddSingleton<DispatchSwitch>()
        .AddSingleton<BalanceLoader>()
        .AddSingleton<MoneyReader>()
        .AddSingleton<CreditWriter>()
        .AddSingleton<CreditSync>()
        .AddSingleton<Adjuster>();
}
