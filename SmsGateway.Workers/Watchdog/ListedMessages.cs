using System.Text.Json;

using SmsGateway.Core.Messages;
using SmsGateway.Core.Redis;

using StackExchange.Redis;

namespace SmsGateway.Workers.Watchdog;

/// <summary>Which messages of a shard some list names, and which not.</summary>
internal sealed class ListedMessages
{
    private ListedMessages(RedisKeys keys) => Keys = keys;

    public RedisKeys Keys { get; }

    /// <summary>Messages whose payload is in Redis and that no list names; cancelled ones left out.</summary>
    public Dictionary<Guid, QueuedMessage> Unlisted { get; } = [];

    /// <summary>One message of each dispatch list whose account its rotation does not name.</summary>
    public List<QueuedMessage> NotInRotation { get; } = [];

    /// <summary>Messages that are anywhere in the shard.</summary>
    public HashSet<Guid> Anywhere { get; } = [];

    public static async Task<ListedMessages> ReadAsync(IDatabase redis, RedisKeys keys)
    {
        var read = new ListedMessages(keys);
        var cancelled = (await redis.SetMembersAsync(keys.Cancelled)).ToHashSet();
        var payloads = await redis.HashGetAllAsync(keys.Messages);
        var listed = await ReadBuffersAsync(redis, keys);
        var messages = payloads.Where(entry => !listed.Contains(entry.Name)).Select(Read).OfType<QueuedMessage>().ToList();
        foreach (var account in messages.GroupBy(message => (message.Priority, message.UserId)))
        {
            var waiting = (await redis.ListRangeAsync(keys.DispatchList(account.Key.Priority, account.Key.UserId))).ToHashSet();
            var rotation = await redis.ListRangeAsync(keys.Rotation(account.Key.Priority));
            if (!rotation.Contains(account.Key.UserId) && account.FirstOrDefault(message => waiting.Contains(message.Id.ToString())) is { } first)
            {
                read.NotInRotation.Add(first);
            }

            foreach (var message in account.Where(message => !waiting.Contains(message.Id.ToString()) && !cancelled.Contains(message.Id.ToString())))
            {
                if (await redis.SortedSetScoreAsync(keys.Scheduled, RedisKeys.ScheduledMember(message)) is null)
                {
                    read.Unlisted.Add(message.Id, message);
                }
            }
        }

        read.Anywhere.UnionWith(payloads.Select(entry => Guid.TryParse((string?)entry.Name, out var id) ? id : Guid.Empty));
        return read;
    }

    /// <summary>Adds what is with a dispatcher, in an outcome, or waits as a payload by now.</summary>
    public async Task AddInFlightAsync(IDatabase redis)
    {
        var outcomes = new List<RedisValue>();
        foreach (var worker in await redis.SortedSetRangeByRankAsync(Keys.Workers))
        {
            Add(await redis.HashKeysAsync(Keys.DispatchClaim((string)worker!)));
        }

        outcomes.AddRange(await redis.ListRangeAsync(Keys.StatusBuffer));
        foreach (var claim in await redis.HashKeysAsync(Keys.StatusClaims))
        {
            outcomes.AddRange(await redis.ListRangeAsync(Keys.StatusClaim(Guid.Parse((string)claim!))));
        }

        outcomes.AddRange(await redis.SortedSetRangeByRankAsync(Keys.ParkedOutcomes));
        Anywhere.UnionWith(outcomes.Select(outcome => Try(() => MessageJson.ReadOutcome((byte[])outcome!))?.Id ?? Guid.Empty));
        Add(await redis.HashKeysAsync(Keys.Messages));
        // Whoever looks after its dead letter decides.
        var letters = await redis.ListRangeAsync(Keys.DeadLetters);
        Add([.. letters.Select(letter => (RedisValue)(Try(() => MessageJson.ReadDeadLetter((byte[])letter!))?.Id ?? ""))]);
    }

    private void Add(RedisValue[] ids) => Anywhere.UnionWith(ids.Select(id => Guid.TryParse((string?)id, out var known) ? known : Guid.Empty));

    /// <summary>What is on its way to the database: the buffers first, then the claims, to which it moves.</summary>
    private static async Task<HashSet<RedisValue>> ReadBuffersAsync(IDatabase redis, RedisKeys keys)
    {
        var listed = new HashSet<RedisValue>();
        foreach (var priority in Priorities.All)
        {
            listed.UnionWith(await redis.ListRangeAsync(keys.Queue(priority)));
        }

        foreach (var claim in await redis.HashKeysAsync(keys.IngestClaims))
        {
            listed.UnionWith(await redis.ListRangeAsync(keys.IngestClaim(Guid.Parse((string)claim!))));
        }

        return listed;
    }

    private static QueuedMessage? Read(HashEntry entry) =>
        Try(() => MessageJson.ReadMessage((byte[])entry.Value!)) is { } message && message.Id.ToString() == entry.Name && MessageId.IsValid(message.Id) ? message : null;

    private static T? Try<T>(Func<T> read)
        where T : class
    {
        try
        {
            return read();
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
