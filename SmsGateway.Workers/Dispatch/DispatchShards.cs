using Microsoft.Extensions.Options;

using SmsGateway.Core.Redis;
using SmsGateway.Workers.Claims;

using StackExchange.Redis;

namespace SmsGateway.Workers.Dispatch;

/// <summary>What this worker's dispatcher keeps, for all shards. The dispatcher works on it; recovery reads what it holds.</summary>
internal sealed class DispatchShards
{
    private readonly DispatchShard[] _shards;

    public DispatchShards(
        IConnectionMultiplexer redis, EpochGate gate, Shards shards, WorkerIdentity identity, IOptions<DispatchOptions> options, TimeProvider time,
        ILogger<Dispatcher> log) =>
        _shards = [.. shards.All.Select(keys => new DispatchShard(redis.GetDatabase(), gate, keys, identity.Id, options.Value, time, log))];

    public IReadOnlyList<DispatchShard> All => _shards;

    /// <summary>Messages that this worker has claimed and of which nothing is written yet.</summary>
    public int Held => _shards.Sum(shard => shard.Writer.Held);

    /// <summary>Tells a Redis that lost time what this worker holds and what it has written of late; returns when Redis knows it.</summary>
    public Task RestoreAsync(RedisKeys keys) => _shards[keys.Shard].Writer.RestoreAsync();
}
