namespace SmsGateway.Core.Redis;

/// <summary>The shards of the deployment and the keys of each. An account lives in the shard <c>user_id mod count</c>.</summary>
public sealed class Shards
{
    private readonly RedisKeys[] _keys;

    public Shards(int count)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        _keys = [.. Enumerable.Range(0, count).Select(shard => new RedisKeys(shard))];
    }

    /// <summary>The keys of every shard, by number.</summary>
    public IReadOnlyList<RedisKeys> All => _keys;

    /// <summary>The keys of the shard in which an account lives.</summary>
    public RedisKeys Of(long userId) => _keys[(int)(userId % _keys.Length)];

    /// <summary>The keys of a shard for something that belongs to no account, spread evenly by its id.</summary>
    public RedisKeys Of(Guid id) => _keys[(int)((uint)id.GetHashCode() % (uint)_keys.Length)];
}
