using System.Text.Json;

using SmsGateway.Core.Messages;
using SmsGateway.Core.Redis;

using StackExchange.Redis;

namespace SmsGateway.Workers.Watchdog;

/// <summary>How long the oldest has waited in each place of Redis. Looks at the heads of lists only; of the dispatch lists, at those of some accounts.</summary>
internal sealed class RedisAges(IConnectionMultiplexer connection)
{
    /// <summary>Accounts of each lane whose dispatch lists are looked at. The rotation turns, so others are next time.</summary>
    private const int MostAccounts = 200;

    public async Task AddAsync(RedisKeys keys, Ages ages)
    {
        var redis = connection.GetDatabase();
        foreach (var priority in Priorities.All)
        {
            AddId(ages, Place.Buffered, await redis.ListGetByIndexAsync(keys.Queue(priority), 0));
            await AddDispatchAsync(redis, keys, priority, ages);
        }

        // A claim's id is a UUIDv7 of the time that it was made.
        await AddClaimsAsync(redis, ages, Place.IngestClaimed, keys.IngestClaims);
        await AddClaimsAsync(redis, ages, Place.StatusClaimed, keys.StatusClaims);
        var due = await redis.SortedSetRangeByRankWithScoresAsync(keys.Scheduled, 0, 0);
        ages.Add(Place.Overdue, due.Length == 0 ? null : DateTimeOffset.FromUnixTimeMilliseconds((long)due[0].Score));
        ages.Add(Place.Outcome, Read(await redis.ListGetByIndexAsync(keys.StatusBuffer, 0), payload => MessageJson.ReadOutcome(payload).At));
        ages.Add(Place.DeadLetter, Read(await redis.ListGetByIndexAsync(keys.DeadLetters, 0), payload => MessageJson.ReadDeadLetter(payload).At));
    }

    /// <summary>Since when the first message of an account's list could have been sent.</summary>
    private static async Task AddDispatchAsync(IDatabase redis, RedisKeys keys, Priority priority, Ages ages)
    {
        var accounts = await redis.ListRangeAsync(keys.Rotation(priority), 0, MostAccounts - 1);
        var heads = await Task.WhenAll(accounts.Select(account => redis.ListGetByIndexAsync(keys.DispatchList(priority, (long)account), 0)));
        RedisValue[] ids = [.. heads.Where(id => !id.IsNull)];
        foreach (var payload in ids.Length == 0 ? [] : await redis.HashGetAsync(keys.Messages, ids))
        {
            ages.Add(Place.Queued, Read(payload, Due));
        }
    }

    private static DateTimeOffset Due(byte[] payload)
    {
        var message = MessageJson.ReadMessage(payload);
        return message.ScheduledAt ?? message.CreatedAt;
    }

    private static async Task AddClaimsAsync(IDatabase redis, Ages ages, Place place, RedisKey registry)
    {
        foreach (var claim in await redis.HashKeysAsync(registry))
        {
            AddId(ages, place, claim);
        }
    }

    private static void AddId(Ages ages, Place place, RedisValue id) =>
        ages.Add(place, MessageId.TryParse((string?)id, out var known) ? MessageId.CreatedAt(known) : null);

    /// <summary>Null where nothing is there, or nothing that can be read: whoever processes it sets it aside.</summary>
    private static DateTimeOffset? Read(RedisValue payload, Func<byte[], DateTimeOffset> time)
    {
        try
        {
            return payload.IsNull ? null : time((byte[])payload!);
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
