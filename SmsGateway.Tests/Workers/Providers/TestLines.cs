using System.Diagnostics.Metrics;

using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;

using SmsGateway.Workers.Providers;

namespace SmsGateway.Tests.Workers.Providers;

/// <summary>Lines around scripted providers.</summary>
internal static class TestLines
{
    /// <summary>Breakers open after two failures of two attempts, for ten seconds.</summary>
    public static ProviderLine Create(
        IProvider provider, TimeProvider time, string name = "a", bool honoursKey = false, int maxConcurrency = 4, int minimumAttempts = 2) => new(
        provider,
        new ProviderOptions
        {
            Name = name,
            HonoursIdempotencyKey = honoursKey,
            MaxConcurrency = maxConcurrency,
            Breaker = new BreakerOptions { FailureRatio = 1, MinimumAttempts = minimumAttempts, Break = TimeSpan.FromSeconds(10) },
        },
        time,
        new ProviderMetrics(Meters),
        NullLogger<ProviderLine>.Instance);

    public static IMeterFactory Meters { get; } =
        new ServiceCollection().AddMetrics().BuildServiceProvider().GetRequiredService<IMeterFactory>();
}
