using Npgsql;

using SmsGateway.Core.Redis;
using SmsGateway.Workers.Claims;

using StackExchange.Redis;

namespace SmsGateway.Workers.Recovery;

/// <summary>
/// Who has not yet told a Redis that lost time what it holds (restore_dispatch.lua). A worker lives that has a lease in this Redis, or a session in
/// PostgreSQL: after a loss the leases are gone, and come back only with each worker's next heartbeat. One that says nothing for two leases is
/// not waited for any longer: it has none, and sends nothing. Used by one rebuild at a time.
/// </summary>
internal sealed class LiveWorkers(IConnectionMultiplexer connection, TimeProvider clock)
{
    private static readonly TimeSpan Patience = WorkerIdentity.Lease * 2;

    private readonly Dictionary<int, long> _waitsSince = [];

    /// <summary>The number of workers that the rebuild of a shard must wait for.</summary>
    /// <exception cref="RedisException">Redis cannot be asked.</exception>
    public async Task<int> CountSilentAsync(NpgsqlConnection session, RedisKeys keys, CancellationToken cancellationToken)
    {
        _waitsSince.TryAdd(keys.Shard, clock.GetTimestamp());
        if (clock.GetElapsedTime(_waitsSince[keys.Shard]) > Patience)
        {
            return 0;
        }

        var redis = connection.GetDatabase();
        var leased = await redis.SortedSetRangeByScoreAsync(keys.Workers, clock.GetUtcNow().ToUnixTimeMilliseconds());
        var live = leased.Select(worker => (string)worker!).ToHashSet(StringComparer.Ordinal);
        live.UnionWith(await ReadConnectedAsync(session, cancellationToken));
        live.ExceptWith((await redis.SetMembersAsync(keys.Restored)).Select(worker => (string)worker!));
        return live.Count;
    }

    /// <summary>The shard is rebuilt.</summary>
    public void Done(RedisKeys keys) => _waitsSince.Remove(keys.Shard);

    /// <summary>The workers that PostgreSQL sees: each names its sessions by its id.</summary>
    private static async Task<List<string>> ReadConnectedAsync(NpgsqlConnection session, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(
            """
            SELECT DISTINCT application_name FROM pg_stat_activity
             WHERE datname = current_database() AND application_name ~ '-[0-9]+-[0-9a-f]{8}$'
            """, session);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var workers = new List<string>();
        while (await reader.ReadAsync(cancellationToken))
        {
            workers.Add(reader.GetString(0));
        }

        return workers;
    }
}
