using Microsoft.Extensions.Options;

using SmsGateway.Core.Redis;
using SmsGateway.Workers.Claims;

using StackExchange.Redis;

namespace SmsGateway.Workers.Dispatch;

/// <summary>What this worker's dispatcher keeps, for all shards. The dispatcher works on it; recovery reads what it holds.</summary>
internal sealed class DispatchShards
{
    private readonly IDatabase _redis;
    private readonly RedisValue _worker;
    private readonly DispatchShard[] _shards;

    /// <summary>By shard: how often the connection had broken when Redis was last told; by recovery alone.</summary>
    private readonly int?[] _toldAt;

    // Counted by the connection's own threads, read by recovery: behind a connection that never broke is the Redis of before.
    private int _breaks;

    public DispatchShards(
        IConnectionMultiplexer redis, EpochGate gate, Shards shards, WorkerIdentity identity, IOptions<DispatchOptions> options, TimeProvider time,
        ILogger<Dispatcher> log)
    {
        _redis = redis.GetDatabase();
        _worker = identity.Id;
        _shards = [.. shards.All.Select(keys => new DispatchShard(_redis, gate, keys, identity.Id, options.Value, time, log))];
        _toldAt = new int?[_shards.Length];
        redis.ConnectionFailed += (_, _) => Interlocked.Increment(ref _breaks);
    }

    public IReadOnlyList<DispatchShard> All => _shards;

    /// <summary>Messages that this worker has claimed and of which nothing is written yet.</summary>
    public int Held => _shards.Sum(shard => shard.Writer.Held);

    /// <summary>
    /// Tells a Redis that lost time what this worker holds and what it has written of late; returns when Redis knows it. Once for each loss, not with
    /// each heartbeat: there may be more outcomes to be told again than are flushed between two of them, and the rebuild waits for all.
    /// </summary>
    public async Task RestoreAsync(RedisKeys keys)
    {
        int breaks = Volatile.Read(ref _breaks);
        if (_toldAt[keys.Shard] == breaks && await _redis.SetContainsAsync(keys.Restored, _worker))
        {
            return;
        }

        await _shards[keys.Shard].Writer.RestoreAsync();
        _toldAt[keys.Shard] = breaks;
    }
}
