using Microsoft.Extensions.Logging.Abstractions;

using SmsGateway.Tests.Fixtures;
using SmsGateway.Workers.Providers;

namespace SmsGateway.Tests.Workers.Providers;

/// <summary>Lines around scripted providers.</summary>
internal static class TestLines
{
    /// <summary>Breakers open after two failures of two attempts, for ten seconds.</summary>
    public static ProviderLine Create(
        IProvider provider,
        TimeProvider time,
        string name = "a",
        bool honoursKey = false,
        int maxConcurrency = 4,
        int minimumAttempts = 2,
        int order = 0,
        decimal cost = 0,
        string[]? prefixes = null,
        RateLimit? rate = null)
    {
        var options = new ProviderOptions
        {
            Name = name,
            HonoursIdempotencyKey = honoursKey,
            MaxConcurrency = maxConcurrency,
            Order = order,
            Cost = cost,
            Breaker = new BreakerOptions { FailureRatio = 1, MinimumAttempts = minimumAttempts, Break = TimeSpan.FromSeconds(10) },
        };
        options.Prefixes.AddRange(prefixes ?? []);
        return new(provider, options, time, new ProviderMetrics(UnheardMeters.Instance), NullLogger<ProviderLine>.Instance, rate);
    }

    /// <summary>A limit whose source always gives the same.</summary>
    public static RateLimit Rate(TimeProvider time, TokenGrant grant) =>
        new("a", new RateContract(10, TimeSpan.Zero), new ConstantSource(grant), time);

    private sealed class ConstantSource(TokenGrant grant) : ITokenSource
    {
        public Task<TokenGrant> TakeAsync(string provider, RateContract contract, int wanted) => Task.FromResult(grant);
    }
}
