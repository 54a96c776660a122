using System.Security.Cryptography;

using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

using SmsGateway.Core.Providers;
using SmsGateway.Core.Settings;
using SmsGateway.Workers.Providers;
using SmsGateway.Workers.Claims;

namespace SmsGateway.Workers.Dispatch;

/// <summary>Registers dispatch.</summary>
internal static class DispatchExtensions
{
    /// <summary>
    /// Adds providers, dispatcher and scheduler. Needs <c>IConnectionMultiplexer</c>, <c>Shards</c>, <c>EpochGate</c> and <see
    /// cref="WorkerIdentity"/>. The service that renews the identity's lease is to be registered before, so that it stops after the
    /// dispatcher has drained.
    /// </summary>
    public static IHostApplicationBuilder AddDispatch(this IHostApplicationBuilder builder)
    {
        builder.AddProviders();
        var services = builder.Services;
        services.TryAddSingleton(TimeProvider.System);
        services.AddValidatedOptions<DispatchOptions, DispatchOptionsValidator, DispatchRules>(DispatchOptions.Section);
        services.AddSingleton<DispatchMetrics>();
        services.AddSingleton<Routes>();
        services.AddSingleton(CreateBackoff);
        services.AddSingleton<MessageSender>();
        services.AddSingleton<DispatchShards>();
        services.AddSingleton<DeadDispatcher>();
        services.AddSingleton<BreakerBoard>();
        services.AddHostedService<BreakerPublisher>();
        services.AddHostedService<Dispatcher>();
        services.AddHostedService<Scheduler>();
        return builder;
    }

    private static Backoff CreateBackoff(IServiceProvider services)
    {
        var options = services.GetRequiredService<IOptions<DispatchOptions>>().Value;
        int seed = options.JitterSeed ?? RandomNumberGenerator.GetInt32(int.MaxValue);
        DispatchLog.Begins(
            services.GetRequiredService<ILogger<Dispatcher>>(), services.GetRequiredService<WorkerIdentity>().Id, options.Slots, seed);
        return new Backoff(options.RetryBase, options.RetryCap, new Random(seed));
    }
}
