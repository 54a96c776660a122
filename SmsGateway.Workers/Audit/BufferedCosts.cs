using System.Globalization;

using SmsGateway.Core.Credits;
using SmsGateway.Core.Redis;
using SmsGateway.Workers.Ingest;

using StackExchange.Redis;

namespace SmsGateway.Workers.Audit;

/// <summary>An account of which Redis counts something else as buffered than its buffers hold.</summary>
/// <param name="UserId">The account.</param>
/// <param name="Counted">What Redis counts, as it stands there: a number of minor units unless a hand was at it.</param>
/// <param name="Held">What the buffers hold, in minor units.</param>
internal readonly record struct BufferedDifference(long UserId, string Counted, long Held);

/// <summary>
/// Holds what Redis counts as buffered against what the buffers hold. It matters: no balance is loaded while anything is counted as buffered, and a
/// drift hides behind it. What moves is read at different moments, so a difference counts only if several looks see the very same.
/// </summary>
internal sealed class BufferedCosts(IConnectionMultiplexer connection, Shards shards, TimeProvider clock)
{
    private const int Looks = 4;
    private const int BatchPayloads = 1_000;

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(200);

    public async Task<IReadOnlyList<BufferedDifference>> ReadDifferencesAsync(CancellationToken cancellationToken)
    {
        HashSet<BufferedDifference>? lasting = null;
        for (int look = 0; look < Looks && lasting is not { Count: 0 }; look++)
        {
            if (look > 0)
            {
                await Task.Delay(Pause, clock, cancellationToken);
            }

            var seen = await LookAsync();
            lasting = lasting is null ? seen : [.. lasting.Intersect(seen)];
        }

        return [.. lasting!.OrderBy(difference => difference.UserId)];
    }

    /// <summary>Lets Redis count what the buffers hold; false where something has changed since the difference was seen.</summary>
    public async Task<bool> MendAsync(BufferedDifference difference) => (int)await RedisScript.MendBuffered.RunAsync(
        connection.GetDatabase(), [shards.Of(difference.UserId).BufferedCost], [difference.UserId, difference.Counted, difference.Held]) == 1;

    private async Task<HashSet<BufferedDifference>> LookAsync()
    {
        var differences = new HashSet<BufferedDifference>();
        foreach (var keys in shards.All)
        {
            var held = await ReadHeldAsync(keys);
            var counted = (await connection.GetDatabase().HashGetAllAsync(keys.BufferedCost))
                .Where(entry => long.TryParse((string?)entry.Name, NumberStyles.None, CultureInfo.InvariantCulture, out _))
                .ToDictionary(entry => (long)entry.Name, entry => (string)entry.Value!);
            differences.UnionWith(held.Keys.Union(counted.Keys)
                .Select(userId => new BufferedDifference(userId, counted.GetValueOrDefault(userId, "0"), held.GetValueOrDefault(userId)))
                .Where(difference => difference.Counted != difference.Held.ToString(CultureInfo.InvariantCulture)));
        }

        return differences;
    }

    /// <summary>What is on its way to the database, by account: messages in the queues and in claims, and adjustments.</summary>
    private async Task<Dictionary<long, long>> ReadHeldAsync(RedisKeys keys)
    {
        var redis = connection.GetDatabase();
        // In the order in which messages move, so that none is missed; a set, so that none is counted twice.
        var ids = new HashSet<RedisValue>();
        ids.UnionWith(await redis.ListRangeAsync(keys.ExpressQueue));
        ids.UnionWith(await redis.ListRangeAsync(keys.NormalQueue));
        foreach (var claim in await redis.HashKeysAsync(keys.IngestClaims))
        {
            ids.UnionWith(await redis.ListRangeAsync(keys.IngestClaim(Guid.Parse((string)claim!))));
        }

        var held = new Dictionary<long, long>();
        foreach (var batch in ids.Chunk(BatchPayloads))
        {
            Add(await redis.HashGetAsync(keys.Messages, batch), DamagedPayload.FindCharge);
        }

        Add(await redis.HashValuesAsync(keys.Adjustments), Adjuster.FindTaken);
        return held;

        void Add(RedisValue[] payloads, Func<byte[], (long UserId, long Units)?> charge)
        {
            foreach (var payload in payloads)
            {
                if (!payload.IsNull && charge((byte[])payload!) is var (userId, units))
                {
                    held[userId] = held.GetValueOrDefault(userId) + units;
                }
            }
        }
    }
}
