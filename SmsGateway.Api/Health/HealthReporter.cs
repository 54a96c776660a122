using Microsoft.Extensions.Options;

using Npgsql;

using SmsGateway.Api.Messages;
using SmsGateway.Core.Messages;
using SmsGateway.Core.Providers;
using SmsGateway.Core.Redis;

using StackExchange.Redis;

namespace SmsGateway.Api.Health;

/// <summary>
/// Looks at the parts of the gateway, at most once a second however often it is asked, and never for longer than a second.
/// </summary>
internal sealed class HealthReporter(
    IConnectionMultiplexer connection, NpgsqlDataSource database, Shards shards, BreakerBoard breakers, IOptions<AcceptOptions> accept,
    TimeProvider time)
{
    private const double FillThatDegrades = 0.8;

    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Life = TimeSpan.FromSeconds(1);

    private readonly Lock _lock = new();
    private Task<HealthView>? _latest;
    private long _takenAt;

    /// <summary>The latest look, or a new one where that is too old; callers at the same time share it.</summary>
    public Task<HealthView> ReportAsync()
    {
        lock (_lock)
        {
            if (_latest is null || (_latest.IsCompleted && time.GetElapsedTime(_takenAt) >= Life))
            {
                _takenAt = time.GetTimestamp();
                _latest = LookAsync();
            }

            return _latest;
        }
    }

    private async Task<HealthView> LookAsync()
    {
        var databaseLook = IsDatabaseUsableAsync();
        var redis = await LookAtRedisAsync();
        bool isDatabaseUsable = await databaseLook;
        var buffer = redis is { } look ? LevelOfBuffer(look.Backlog) : BufferLevel.Unknown;
        return new()
        {
            Status = LevelOfAll(redis, isDatabaseUsable, buffer),
            Components = new()
            {
                Database = isDatabaseUsable ? HealthLevel.Healthy : HealthLevel.Unhealthy,
                Redis = redis is null ? HealthLevel.Unhealthy : HealthLevel.Healthy,
                AcceptGate = redis switch { null => GateState.Unknown, { IsOpen: true } => GateState.Open, _ => GateState.Closed },
                Workers = redis?.Workers,
                SmsBufferSize = redis?.Buffered,
                SmsBufferStatus = buffer,
                Providers = redis?.Breakers,
            },
        };
    }

    private static HealthLevel LevelOfAll(RedisLook? redis, bool isDatabaseUsable, BufferLevel buffer)
    {
        if (redis is not { } look)
        {
            return HealthLevel.Unhealthy;
        }

        return isDatabaseUsable && look.IsOpen && look.Workers > 0 && buffer == BufferLevel.Healthy
            && look.Breakers.Values.All(breaker => breaker == BreakerLevel.Closed)
            ? HealthLevel.Healthy
            : HealthLevel.Degraded;
    }

    private BufferLevel LevelOfBuffer(long fullestShard)
    {
        int limit = accept.Value.BacklogLimit;
        return fullestShard >= limit ? BufferLevel.Full
            : fullestShard >= limit * FillThatDegrades ? BufferLevel.Degraded
            : BufferLevel.Healthy;
    }

    private async Task<bool> IsDatabaseUsableAsync()
    {
        using var bound = new CancellationTokenSource(Bound, time);
        try
        {
            await using var command = database.CreateCommand("SELECT 1 FROM schema_migrations LIMIT 1");
            return await command.ExecuteScalarAsync(bound.Token) is not null;
        }
        catch (Exception unusable) when (unusable is NpgsqlException or OperationCanceledException or TimeoutException)
        {
            return false;
        }
    }

    /// <summary>Null: Redis is unusable.</summary>
    private async Task<RedisLook?> LookAtRedisAsync()
    {
        try
        {
            var board = breakers.ReadAsync();
            var looks = await Task.WhenAll(shards.All.Select(LookAtShardAsync)).WaitAsync(Bound, time);
            return new(
                looks.All(look => look.IsOpen),
                looks.Max(look => look.Backlog),
                looks.Sum(look => look.Buffered),
                looks.Max(look => look.Workers),
                await board.WaitAsync(Bound, time));
        }
        catch (Exception unusable) when (RedisFailure.Is(unusable))
        {
            return null;
        }
    }

    private async Task<ShardLook> LookAtShardAsync(RedisKeys keys)
    {
        var redis = connection.GetDatabase();
        var isOpen = redis.KeyExistsAsync(keys.Epoch);
        var backlog = redis.HashLengthAsync(keys.Messages);
        var queues = Task.WhenAll(Priorities.All.Select(priority => redis.ListLengthAsync(keys.Queue(priority))));
        // Leases end by Redis' clock; that this process' clock is off by a little does not matter here.
        var workers = redis.SortedSetLengthAsync(keys.Workers, time.GetUtcNow().ToUnixTimeMilliseconds(), double.PositiveInfinity);
        await Task.WhenAll(isOpen, backlog, queues, workers);
        return new(await isOpen, await backlog, (await queues).Sum(), await workers);
    }

    /// <param name="IsOpen">Whether every shard has an epoch.</param>
    /// <param name="Backlog">Messages in the fullest shard.</param>
    /// <param name="Buffered">Messages on their way to the database.</param>
    /// <param name="Workers">Live leases.</param>
    /// <param name="Breakers">Each provider's.</param>
    private readonly record struct RedisLook(
        bool IsOpen, long Backlog, long Buffered, long Workers, IReadOnlyDictionary<string, BreakerLevel> Breakers);

    /// <param name="IsOpen">Whether it has an epoch.</param>
    /// <param name="Backlog">Its messages.</param>
    /// <param name="Buffered">Those on their way to the database.</param>
    /// <param name="Workers">Live leases.</param>
    private readonly record struct ShardLook(bool IsOpen, long Backlog, long Buffered, long Workers);
}
