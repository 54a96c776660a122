using System.Text.Json;

using Npgsql;

using SmsGateway.Core.Messages;
using SmsGateway.Core.Redis;

using StackExchange.Redis;

namespace SmsGateway.Workers.Audit;

/// <summary>
/// Checks I5 as far as the stores alone can tell: a message that the database has as queued must be somewhere in Redis, where something will
/// happen to it, and none may wait to be sent that the database knows as finished. What seems wrong is looked at again, for messages move.
/// </summary>
internal sealed class MessageAudit(IConnectionMultiplexer connection, NpgsqlDataSource database, Shards shards, TimeProvider clock)
{
    private const int MaxExamples = 5;

    /// <summary>Looks before something is called wrong, and the pause between them.</summary>
    private const int Looks = 5;

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(500);

    public async Task<IReadOnlyList<AuditLine>> RunAsync(CancellationToken cancellationToken)
    {
        HashSet<Guid>? stuck = null;
        HashSet<Guid>? finished = null;
        var lines = new List<AuditLine>();
        for (int look = 0; look < Looks && (stuck is null || stuck.Count + finished!.Count > 0); look++)
        {
            if (look > 0)
            {
                await Task.Delay(Pause, clock, cancellationToken);
            }

            // Redis, database, Redis: what moves on between the first two reads is in the third.
            var before = await ReadRedisAsync();
            var states = await StoredStates.ReadAsync(database, before.Waiting, cancellationToken);
            var queued = await ReadQueuedAsync(cancellationToken);
            var after = await ReadRedisAsync();
            Keep(ref stuck, queued.Where(id => !before.Anywhere.Contains(id) && !after.Anywhere.Contains(id)));
            var done = before.Waiting
                .Where(id => states.GetValueOrDefault(id, MessageState.Queued).IsFinal() && after.Waiting.Contains(id)).ToList();
            Keep(ref finished, done.Except(await ReadAskedAgainAsync(done)));
            lines = [.. after.Counts];
        }

        lines.AddRange(await ReadStateCountsAsync(cancellationToken));
        lines.Add(new("I5", "messages queued in the database and nowhere in Redis", stuck!.Count, Examples(stuck)));
        lines.Add(new("I5", "messages waiting to be sent that are finished", finished!.Count, Examples(finished)));
        return lines;
    }

    private static void Keep(ref HashSet<Guid>? suspects, IEnumerable<Guid> seen)
    {
        if (suspects is null)
        {
            suspects = [.. seen];
        }
        else
        {
            suspects.IntersectWith(seen.ToHashSet());
        }
    }

    private static string[] Examples(IEnumerable<Guid> ids) => [.. ids.Take(MaxExamples).Select(id => id.ToString())];

    private async Task<RedisContent> ReadRedisAsync()
    {
        var redis = connection.GetDatabase();
        var content = new RedisContent();
        foreach (var keys in shards.All)
        {
            var cancelled = (await redis.SetMembersAsync(keys.Cancelled)).ToHashSet();
            foreach (var id in await redis.HashKeysAsync(keys.Messages))
            {
                content.AddWaiting(id, isCancelled: cancelled.Contains(id));
            }

            foreach (var worker in await redis.SortedSetRangeByRankAsync(keys.Workers))
            {
                content.AddInFlight(await redis.HashKeysAsync(keys.DispatchClaim((string)worker!)));
            }

            content.AddOutcomes(await redis.ListRangeAsync(keys.StatusBuffer));
            foreach (var claim in await redis.HashKeysAsync(keys.StatusClaims))
            {
                content.AddOutcomes(await redis.ListRangeAsync(keys.StatusClaim(Guid.Parse((string)claim!))));
            }

            content.DeadLetters += await redis.ListLengthAsync(keys.DeadLetters);
        }

        return content;
    }

    /// <summary>
    /// Those that one provider may have: it is asked again, with the key that it honours, until its answer comes. Its receipt may be
    /// quicker.
    /// </summary>
    private async Task<IReadOnlyList<Guid>> ReadAskedAgainAsync(List<Guid> ids)
    {
        RedisValue[] names = [.. ids.Select(id => (RedisValue)id.ToString())];
        var payloads = await Task.WhenAll(shards.All.Select(keys => connection.GetDatabase().HashGetAsync(keys.Messages, names)));
        return [.. payloads.SelectMany(shard => shard).Where(payload => !payload.IsNull).Select(Read).OfType<QueuedMessage>()
            .Where(message => message.OnlyProvider is not null).Select(message => message.Id)];

        static QueuedMessage? Read(RedisValue payload)
        {
            try
            {
                return MessageJson.ReadMessage((byte[])payload!);
            }
            catch (JsonException)
            {
                // Whoever is to send it makes a dead letter of it.
                return null;
            }
        }
    }

    private async Task<List<Guid>> ReadQueuedAsync(CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand("SELECT id FROM sms_messages WHERE state = 'queued'");
        command.CommandTimeout = 0;
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var ids = new List<Guid>();
        while (await reader.ReadAsync(cancellationToken))
        {
            ids.Add(reader.GetGuid(0));
        }

        return ids;
    }

    private async Task<List<AuditLine>> ReadStateCountsAsync(CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand("SELECT state::text, count(*) FROM sms_messages GROUP BY state ORDER BY state");
        command.CommandTimeout = 0;
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var lines = new List<AuditLine>();
        while (await reader.ReadAsync(cancellationToken))
        {
            lines.Add(new(null, $"messages {reader.GetString(0)}", reader.GetInt64(1), []));
        }

        return lines;
    }
}
