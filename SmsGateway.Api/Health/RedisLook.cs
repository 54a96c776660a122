using SmsGateway.Core.Messages;
using SmsGateway.Core.Providers;
using SmsGateway.Core.Redis;

using StackExchange.Redis;

namespace SmsGateway.Api.Health;

/// <summary>What Redis says of the gateway, all shards together.</summary>
/// <param name="IsOpen">Whether every shard has an epoch.</param>
/// <param name="Backlog">Messages in the fullest shard.</param>
/// <param name="Buffered">Messages on their way to the database.</param>
/// <param name="OldestBuffered">When the oldest of them was accepted; null where there is none.</param>
/// <param name="Workers">Live leases.</param>
/// <param name="LateWorkers">Leases that have ended while nobody has taken over.</param>
/// <param name="Breakers">Each provider's.</param>
internal sealed record RedisLook(
    bool IsOpen, long Backlog, long Buffered, DateTimeOffset? OldestBuffered, long Workers, long LateWorkers, IReadOnlyDictionary<string, BreakerLevel> Breakers)
{
    /// <summary>Whether an operator has paused dispatch.</summary>
    public bool IsPaused { get; init; }

    /// <exception cref="RedisException">Redis cannot be asked.</exception>
    public static async Task<RedisLook> TakeAsync(IConnectionMultiplexer connection, Shards shards, BreakerBoard breakers, DateTimeOffset now)
    {
        var board = breakers.ReadAsync();
        var looks = await Task.WhenAll(shards.All.Select(keys => LookAtShardAsync(connection.GetDatabase(), keys, now)));
        return new(
            looks.All(look => look.IsOpen),
            looks.Max(look => look.Backlog),
            looks.Sum(look => look.Buffered),
            looks.Min(look => look.OldestBuffered),
            looks.Max(look => look.Workers),
            looks.Max(look => look.LateWorkers),
            await board)
        {
            IsPaused = looks.Any(look => look.IsPaused),
        };
    }

    private static async Task<RedisLook> LookAtShardAsync(IDatabase redis, RedisKeys keys, DateTimeOffset now)
    {
        // Leases end by Redis' clock; that this process' clock is off by a little does not matter here.
        long milliseconds = now.ToUnixTimeMilliseconds();
        var isOpen = redis.KeyExistsAsync(keys.Epoch);
        var backlog = redis.HashLengthAsync(keys.Messages);
        var depths = Task.WhenAll(Priorities.All.Select(priority => redis.ListLengthAsync(keys.Queue(priority))));
        var heads = Task.WhenAll(Priorities.All.Select(priority => redis.ListGetByIndexAsync(keys.Queue(priority), 0)));
        var workers = redis.SortedSetLengthAsync(keys.Workers, milliseconds, double.PositiveInfinity);
        var late = redis.SortedSetLengthAsync(keys.Workers, double.NegativeInfinity, milliseconds, Exclude.Stop);
        var paused = redis.KeyExistsAsync(keys.DispatchPaused);
        await Task.WhenAll(isOpen, backlog, depths, heads, workers, late, paused);
        return new(
            await isOpen, await backlog, (await depths).Sum(), (await heads).Min(AcceptedAt), await workers, await late,
            new Dictionary<string, BreakerLevel>())
        {
            IsPaused = await paused,
        };
    }

    private static DateTimeOffset? AcceptedAt(RedisValue id) =>
        MessageId.TryParse((string?)id, out var known) ? MessageId.CreatedAt(known) : null;
}
