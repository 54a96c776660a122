using Microsoft.Extensions.Options;

using Npgsql;

using SmsGateway.Api.Messages;
using SmsGateway.Core.Providers;
using SmsGateway.Core.Redis;
using SmsGateway.Core.Schema;

using StackExchange.Redis;

namespace SmsGateway.Api.Health;

/// <summary>What PostgreSQL was found to be.</summary>
internal enum DatabaseLook
{
    /// <summary>It answers, and has what this version needs.</summary>
    Usable,

    /// <summary>It answers, and the migrations of this version have not run: this replica may not be asked for anything yet.</summary>
    Outdated,

    /// <summary>It does not answer.</summary>
    Unusable,
}

/// <summary>
/// Looks at the parts of the gateway, at most once a second however often it is asked, and never for longer than a second.
/// </summary>
internal sealed class HealthReporter(
    IConnectionMultiplexer connection, NpgsqlDataSource database, Shards shards, BreakerBoard breakers, IOptions<AcceptOptions> accept,
    IOptions<HealthOptions> options, HealthMetrics metrics, TimeProvider time)
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
        var databaseLook = LookAtDatabaseAsync();
        var redis = await LookAtRedisAsync();
        var view = View(redis, await databaseLook, accept.Value.BacklogLimit, options.Value, time.GetUtcNow());
        metrics.Seen(view, redis?.Backlog, accept.Value.BacklogLimit);
        return view;
    }

    /// <param name="redis">Null: it is unusable.</param>
    /// <param name="database">How PostgreSQL was found.</param>
    /// <param name="backlogLimit">Messages that a shard may hold.</param>
    /// <param name="options">From when on something needs a look.</param>
    /// <param name="now">The time of the look.</param>
    internal static HealthView View(RedisLook? redis, DatabaseLook database, int backlogLimit, HealthOptions options, DateTimeOffset now)
    {
        var age = now - redis?.OldestBuffered ?? TimeSpan.Zero;
        var buffer = redis is null ? BufferLevel.Unknown
            : redis.Backlog >= backlogLimit ? BufferLevel.Full
            : redis.Backlog >= backlogLimit * FillThatDegrades || age > options.BufferAge ? BufferLevel.Degraded
            : BufferLevel.Healthy;
        bool isWhole = redis is { IsOpen: true, LateWorkers: 0, IsPaused: false } && redis.Workers >= options.Workers && database == DatabaseLook.Usable
            && buffer == BufferLevel.Healthy && !redis.Breakers.Values.Contains(BreakerLevel.Open);
        return new()
        {
            Status = redis is null || database == DatabaseLook.Outdated ? HealthLevel.Unhealthy : isWhole ? HealthLevel.Healthy : HealthLevel.Degraded,
            Components = new()
            {
                Database = database == DatabaseLook.Usable ? HealthLevel.Healthy : HealthLevel.Unhealthy,
                Redis = redis is null ? HealthLevel.Unhealthy : HealthLevel.Healthy,
                AcceptGate = redis switch { null => GateState.Unknown, { IsOpen: true } => GateState.Open, _ => GateState.Closed },
                Workers = redis?.Workers,
                WorkersExpected = options.Workers,
                WorkersLate = redis?.LateWorkers,
                SmsBufferSize = redis?.Buffered,
                SmsBufferAgeSeconds = redis is null ? null : Math.Max((long)age.TotalSeconds, 0),
                SmsBufferStatus = buffer,
                Providers = redis?.Breakers,
                DispatchPaused = redis?.IsPaused ?? false,
            },
        };
    }

    private async Task<DatabaseLook> LookAtDatabaseAsync()
    {
        using var bound = new CancellationTokenSource(Bound, time);
        try
        {
            await using var command = database.CreateCommand("SELECT EXISTS (SELECT FROM schema_migrations WHERE name = $1)");
            command.Parameters.Add(new() { Value = Migrator.Newest });
            return await command.ExecuteScalarAsync(bound.Token).WaitAsync(Bound, time) is true ? DatabaseLook.Usable : DatabaseLook.Outdated;
        }
        catch (PostgresException empty) when (empty.SqlState == PostgresErrorCodes.UndefinedTable)
        {
            return DatabaseLook.Outdated;
        }
        catch (Exception unusable) when (unusable is NpgsqlException or OperationCanceledException or TimeoutException)
        {
            return DatabaseLook.Unusable;
        }
    }

    /// <summary>Null: Redis is unusable.</summary>
    private async Task<RedisLook?> LookAtRedisAsync()
    {
        try
        {
            return await RedisLook.TakeAsync(connection, shards, breakers, time.GetUtcNow()).WaitAsync(Bound, time);
        }
        catch (Exception unusable) when (RedisFailure.Is(unusable))
        {
            return null;
        }
    }
}
