using System.Text.Json.Serialization;

using SmsGateway.Core.Redis;

using StackExchange.Redis;

namespace SmsGateway.Core.Providers;

/// <summary>How the circuit breaker of a provider stands.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<BreakerLevel>))]
public enum BreakerLevel
{
    /// <summary>The provider is asked.</summary>
    Closed,

    /// <summary>One message at a time tests whether it works again.</summary>
    HalfOpen,

    /// <summary>It has failed too often: messages wait, or take another route.</summary>
    Open,
}

/// <summary>
/// Where the workers tell how their breakers stand, for everyone to see: a sorted set of <c>state provider worker</c> by the time until which that
/// holds.
/// </summary>
public sealed class BreakerBoard(IConnectionMultiplexer connection, TimeProvider time)
{
    private static readonly TimeSpan Life = TimeSpan.FromSeconds(5);

    /// <exception cref="RedisException">It is not told.</exception>
    public Task PublishAsync(string worker, IEnumerable<(string Provider, BreakerLevel Level)> breakers) =>
        RedisScript.PublishBreakers.RunAsync(
            connection.GetDatabase(),
            [RedisKeys.Breakers],
            [worker, (long)Life.TotalMilliseconds, .. breakers.SelectMany(breaker => new RedisValue[] { breaker.Provider, Word(breaker.Level) })]);

    /// <summary>Each provider that a live worker may ask, with the worst that any worker tells of it; in the order of names.</summary>
    /// <exception cref="RedisException">Redis cannot be asked.</exception>
    public async Task<IReadOnlyDictionary<string, BreakerLevel>> ReadAsync()
    {
        var worst = new SortedDictionary<string, BreakerLevel>(StringComparer.Ordinal);
        foreach (var entry in await connection.GetDatabase().SortedSetRangeByScoreAsync(RedisKeys.Breakers, time.GetUtcNow().ToUnixTimeMilliseconds()))
        {
            string[] words = ((string)entry!).Split(' ');
            var level = words[0] switch { "open" => BreakerLevel.Open, "half_open" => BreakerLevel.HalfOpen, _ => BreakerLevel.Closed };
            worst[words[1]] = worst.TryGetValue(words[1], out var known) && known > level ? known : level;
        }

        return worst;
    }

    private static string Word(BreakerLevel level) => level switch
    {
        BreakerLevel.Open => "open",
        BreakerLevel.HalfOpen => "half_open",
        _ => "closed",
    };
}
