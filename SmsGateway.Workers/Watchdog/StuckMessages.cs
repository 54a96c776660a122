using Npgsql;

using SmsGateway.Core.Messages;
using SmsGateway.Core.Redis;
using SmsGateway.Workers.Audit;

using StackExchange.Redis;

namespace SmsGateway.Workers.Watchdog;

/// <summary>What is wrong with a message, and what can be done.</summary>
internal enum StuckKind
{
    /// <summary>Its account's dispatch list waits, and the rotation does not name the account. It is named again.</summary>
    NotInRotation,

    /// <summary>Stored, its payload is in Redis, and no list names it. No dispatcher has taken it, so it is sent.</summary>
    NotListed,

    /// <summary>As before, but not stored: it goes to the buffer, to be stored first.</summary>
    NotStored,

    /// <summary>Queued in the database and nowhere in Redis: a provider may have it. It is never sent again, and becomes unknown.</summary>
    Lost,
}

/// <summary>A message that nothing will happen to by itself.</summary>
/// <param name="Keys">Its shard.</param>
/// <param name="Id">Its id.</param>
/// <param name="Kind">What is wrong.</param>
/// <param name="Message">The message; null where it is lost.</param>
internal sealed record StuckMessage(RedisKeys Keys, Guid Id, StuckKind Kind, QueuedMessage? Message);

/// <summary>
/// Finds messages that nothing will happen to by itself, and moves them where that is safe. Redis moves a message in one script, so there are none
/// unless somebody has deleted or a defect has lost something. Reads all of Redis and all partitions: an operator's tool, like the audit.
/// </summary>
internal sealed class StuckMessages(
    IConnectionMultiplexer connection, NpgsqlDataSource database, EpochGate gate, Shards shards, TimeProvider clock)
{
    /// <summary>The error code of a message that was lost.</summary>
    public const string LostErrorCode = "lost_by_redis";

    /// <summary>Looks before a message is called stuck, for messages move; and the pause between them.</summary>
    private const int Looks = 3;

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(500);

    /// <summary>The messages that are stuck and older than this.</summary>
    public async Task<IReadOnlyList<StuckMessage>> FindAsync(TimeSpan atLeast, CancellationToken cancellationToken)
    {
        Dictionary<Guid, StuckMessage>? stuck = null;
        for (int look = 0; look < Looks && stuck is null or { Count: > 0 }; look++)
        {
            if (stuck is not null)
            {
                await Task.Delay(Pause, clock, cancellationToken);
            }

            var seen = await LookAsync(clock.GetUtcNow() - atLeast, cancellationToken);
            stuck = seen.Where(one => stuck is null || (stuck.TryGetValue(one.Id, out var before) && before.Kind == one.Kind)).ToDictionary(one => one.Id);
        }

        return [.. stuck!.Values];
    }

    /// <summary>Moves a message; false where something has happened to it meanwhile, or Redis is being rebuilt.</summary>
    public async Task<bool> MoveAsync(StuckMessage stuck)
    {
        if (stuck.Message is not { } message)
        {
            var unknown = new Outcome { Id = stuck.Id, State = MessageState.Unknown, At = clock.GetUtcNow(), ErrorCode = LostErrorCode };
            await connection.GetDatabase().ListRightPushAsync(stuck.Keys.StatusBuffer, MessageJson.Write(unknown));
            return true;
        }

        var keys = stuck.Keys;
        RedisValue[] words = stuck.Kind switch
        {
            StuckKind.NotInRotation => ["rotate", message.UserId],
            StuckKind.NotListed => ["send", message.Id.ToString(), Due(message).ToUnixTimeMilliseconds(), RedisKeys.ScheduledMember(message)],
            _ => ["store", message.Id.ToString()],
        };
        var result = await gate.RunAsync(
            RedisScript.Mend,
            [
                keys.Epoch, keys.Messages, keys.Scheduled, keys.Queue(message.Priority), keys.Rotation(message.Priority),
                keys.DispatchList(message.Priority, message.UserId),
            ],
            words);
        return (int)result == 1;
    }

    private DateTimeOffset Due(QueuedMessage message) => message.ScheduledAt is { } at && at > clock.GetUtcNow() ? at : clock.GetUtcNow();

    private async Task<List<StuckMessage>> LookAsync(DateTimeOffset before, CancellationToken cancellationToken)
    {
        // In the order of a message's way: one that moves on meanwhile is seen again further on, or by the next look.
        var places = new List<ListedMessages>();
        foreach (var keys in shards.All)
        {
            places.Add(await ListedMessages.ReadAsync(connection.GetDatabase(), keys));
        }

        var stored = await StoredStates.ReadAsync(database, [.. places.SelectMany(place => place.Unlisted.Keys)], cancellationToken);
        var queued = await ReadQueuedAsync(before, cancellationToken);
        var stuck = new List<StuckMessage>();
        foreach (var place in places)
        {
            foreach (var (id, message) in place.Unlisted.Where(one => MessageId.CreatedAt(one.Key) < before))
            {
                if (stored.GetValueOrDefault(id, MessageState.Queued) is MessageState.Queued or MessageState.Unknown)
                {
                    stuck.Add(new(place.Keys, id, stored.ContainsKey(id) ? StuckKind.NotListed : StuckKind.NotStored, message));
                }
            }

            stuck.AddRange(place.NotInRotation.Select(message => new StuckMessage(place.Keys, message.Id, StuckKind.NotInRotation, message)));
        }

        foreach (var place in places)
        {
            // Looked at last: what was sent since the database was read is there as an outcome.
            await place.AddInFlightAsync(connection.GetDatabase());
        }

        stuck.AddRange(queued
            .Where(message => !places.Exists(place => place.Anywhere.Contains(message.Id)))
            .Select(message => new StuckMessage(shards.Of(message.UserId), message.Id, StuckKind.Lost, null)));
        return stuck;
    }

    private async Task<List<(Guid Id, long UserId)>> ReadQueuedAsync(DateTimeOffset before, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand("SELECT id, user_id FROM sms_messages WHERE state = 'queued' AND created_at < $1");
        command.CommandTimeout = 0;
        command.Parameters.Add(new() { Value = before });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var queued = new List<(Guid, long)>();
        while (await reader.ReadAsync(cancellationToken))
        {
            queued.Add((reader.GetGuid(0), reader.GetInt64(1)));
        }

        return queued;
    }
}
