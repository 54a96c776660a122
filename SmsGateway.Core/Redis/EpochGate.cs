using System.Diagnostics;

using Npgsql;

using StackExchange.Redis;

namespace SmsGateway.Core.Redis;

/// <summary>This Redis may have lost time, or cannot be checked: nothing may be spent or sent from it now.</summary>
public sealed class GateClosedException(string message, Exception? innerException = null) : Exception(message, innerException);

/// <summary>
/// Lets scripts that spend money or send messages run only on a Redis that has not lost time. Redis forgets its scripts when its process
/// restarts or a replica takes over, and then answers NOSCRIPT to a call by hash. Nobody loads a gated script but this class, and only
/// after it has compared the epoch in Redis with what PostgreSQL has recorded (ARCHITECTURE.md). So the check costs nothing while
/// Redis lives, and cannot be forgotten when it does not.
/// </summary>
public sealed class EpochGate(IConnectionMultiplexer connection, NpgsqlDataSource database, Shards shards)
{
    private static readonly RedisScript[] Gated =
    [
        RedisScript.Accept, RedisScript.AcceptBulk, RedisScript.BeginAdjustment, RedisScript.Cancel, RedisScript.ClaimDispatch, RedisScript.Mend,
        RedisScript.Requeue, RedisScript.RequeueStored,
    ];

    /// <summary>
    /// A call that had to wait longer for the check is not made any more: its caller has given up, and what a script does then nobody would know.
    /// </summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);

    private readonly Lock _lock = new();
    private Task? _opening;

    /// <summary>Runs a gated script; checks the epoch and loads it first where Redis does not know it.</summary>
    /// <exception cref="GateClosedException">Redis has lost time, or PostgreSQL cannot be asked whether it has.</exception>
    public async Task<RedisResult> RunAsync(RedisScript script, RedisKey[] keys, RedisValue[] arguments)
    {
        var redis = connection.GetDatabase();
        long started = Stopwatch.GetTimestamp();
        try
        {
            return await script.RunIfLoadedAsync(redis, keys, arguments);
        }
        catch (RedisServerException notLoaded) when (RedisScript.IsNotLoaded(notLoaded))
        {
            await OpenAsync();
            if (Stopwatch.GetElapsedTime(started) > Patience)
            {
                throw new GateClosedException("Redis is open again, too late for this call");
            }

            return await script.RunIfLoadedAsync(redis, keys, arguments);
        }
    }

    /// <summary>Checks every shard and loads the gated scripts; callers at the same time share one check.</summary>
    /// <exception cref="GateClosedException">As for <see cref="RunAsync"/>.</exception>
    public Task OpenAsync()
    {
        lock (_lock)
        {
            if (_opening is null or { IsCompleted: true })
            {
                _opening = CheckAndLoadAsync();
            }

            return _opening;
        }
    }

    /// <summary>Takes the epoch from a shard, so that nothing is accepted or sent from it until it is rebuilt.</summary>
    public Task CloseAsync(RedisKeys keys) => connection.GetDatabase().KeyDeleteAsync(keys.Epoch);

    private async Task CheckAndLoadAsync()
    {
        var checkedEpochs = await Task.WhenAll(shards.All.Select(CheckAsync));
        foreach (var script in Gated)
        {
            await script.LoadAsync(connection);
        }

        // Redis may have been replaced between the check and the loading. Then nothing may run what was loaded: gated scripts need an epoch.
        foreach (var (keys, epoch) in shards.All.Zip(checkedEpochs))
        {
            if (!IsSound(await ReadAsync(keys), epoch))
            {
                await CloseAsync(keys);
                throw new GateClosedException($"Redis shard {keys.Shard} was replaced while it was opened");
            }
        }
    }

    /// <summary>Checks the epoch of one shard; returns what PostgreSQL has recorded of it.</summary>
    /// <exception cref="GateClosedException">It is not what PostgreSQL has recorded, or PostgreSQL cannot be asked.</exception>
    public async Task<(string Id, long Counter)> CheckAsync(RedisKeys keys)
    {
        // PostgreSQL first: what it has recorded was in Redis before, so a sound Redis cannot be behind it.
        var recorded = await ReadRecordedAsync(keys.Shard);
        if (recorded is not { } known || !IsSound(await ReadAsync(keys), known))
        {
            throw new GateClosedException($"Redis shard {keys.Shard} has no epoch, another, or an older one than PostgreSQL has recorded");
        }

        return known;
    }

    private Task<RedisValue[]> ReadAsync(RedisKeys keys) => connection.GetDatabase().HashGetAsync(keys.Epoch, ["id", "counter"]);

    private static bool IsSound(RedisValue[] current, (string Id, long Counter) known) => current[0] == known.Id && (long)current[1] >= known.Counter;

    private async Task<(string Id, long Counter)?> ReadRecordedAsync(int shard)
    {
        try
        {
            await using var command = database.CreateCommand(
                """
                SELECT epoch_id, greatest(counter, (SELECT max(epoch_counter) FROM ingest_claims c WHERE c.shard = e.shard))
                  FROM redis_epochs e
                 WHERE shard = $1
                """);
            command.Parameters.Add(new() { Value = shard });
            await using var reader = await command.ExecuteReaderAsync();
            return await reader.ReadAsync() ? (reader.GetString(0), reader.GetInt64(1)) : null;
        }
        catch (NpgsqlException unreachable)
        {
            throw new GateClosedException("PostgreSQL cannot be asked for the epoch of Redis", unreachable);
        }
    }
}
