using System.Runtime.CompilerServices;

using Npgsql;

using SmsGateway.Core.Credits;
using SmsGateway.Core.Messages;
using SmsGateway.Core.Redis;
using SmsGateway.Workers.Recovery;

using StackExchange.Redis;

namespace SmsGateway.Workers.DeadLetters;

/// <summary>What came of putting a dead letter back; up to <see cref="Closed"/> the return codes of the scripts.</summary>
internal enum RequeueResult
{
    /// <summary>It is not there any more.</summary>
    Gone = 0,
    Requeued = 1,

    /// <summary>The message is on its way already.</summary>
    Waiting = 2,
    BalanceTooLow = 4,
    BalanceNotLoaded = 5,
    Closed = 7,

    /// <summary>It holds nothing that could be processed now.</summary>
    Unreadable,

    /// <summary>The database does not have the message as queued any more: a provider may have it, or it has ended.</summary>
    NotQueued,
}

/// <summary>What an operator does with <c>dead_sms_queue</c>: looks, and puts back where it came from.</summary>
internal sealed class DeadLetterBox(
    IConnectionMultiplexer connection, NpgsqlDataSource database, Shards shards, EpochGate gate, BalanceLoader balances, TimeProvider clock)
{
    private const int PageLetters = 500;

    /// <summary>Every letter, oldest first. One that is taken away meanwhile may hide another from this look, never from the next.</summary>
    public async IAsyncEnumerable<SetAside> ReadAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        foreach (var keys in shards.All)
        {
            RedisValue[] page;
            for (long start = 0; (page = await connection.GetDatabase().ListRangeAsync(keys.DeadLetters, start, start + PageLetters - 1)).Length > 0; start += PageLetters)
            {
                cancellationToken.ThrowIfCancellationRequested();
                foreach (var raw in page)
                {
                    yield return SetAside.Read(keys, raw);
                }
            }
        }
    }

    public async Task<long> CountAsync() =>
        (await Task.WhenAll(shards.All.Select(keys => connection.GetDatabase().ListLengthAsync(keys.DeadLetters)))).Sum();

    /// <summary>Puts what a letter holds back where it came from.</summary>
    public async Task<RequeueResult> RequeueAsync(SetAside letter, CancellationToken cancellationToken)
    {
        if (letter.Message is { } message)
        {
            return await RequeueAsync(letter, message, cancellationToken);
        }

        if (letter.Outcome is { } outcome)
        {
            return await RunAsync(
                RedisScript.Requeue, [letter.Keys.DeadLetters, letter.Keys.StatusBuffer], [letter.Raw, MessageJson.Write(outcome with { ParkedAt = null })]);
        }

        return letter.Damaged is { } id ? await RequeueStoredAsync(letter, id, cancellationToken) : RequeueResult.Unreadable;
    }

    /// <summary>A message is charged again, so its account's balance must be there.</summary>
    private async Task<RequeueResult> RequeueAsync(SetAside letter, QueuedMessage message, CancellationToken cancellationToken)
    {
        var keys = letter.Keys;
        long userId = message.UserId;
        await balances.LoadAsync(userId, cancellationToken);
        return await RunAsync(
            RedisScript.Requeue,
            [
                keys.DeadLetters, keys.Queue(message.Priority), keys.Messages, keys.BufferedCost, keys.UserBalance(userId), keys.PendingDeduct(userId),
                keys.Epoch,
            ],
            [letter.Raw, letter.Letter!.Payload, message.Id.ToString(), userId, message.CostUnits]);
    }

    /// <summary>
    /// The database has the message whole, and it is charged: it is sent from there, if nobody has been asked to take it. All letters of it go at
    /// once: one that stayed could send it a second time.
    /// </summary>
    private async Task<RequeueResult> RequeueStoredAsync(SetAside letter, Guid id, CancellationToken cancellationToken)
    {
        await using var session = await database.OpenConnectionAsync(cancellationToken);
        if (await StoredMessages.FindUnsentAsync(session, id, cancellationToken) is not { } message)
        {
            return RequeueResult.NotQueued;
        }

        var keys = letter.Keys;
        var now = clock.GetUtcNow();
        return await RunAsync(
            RedisScript.RequeueStored,
            [keys.Epoch, keys.Messages, keys.Scheduled, keys.DeadLetters],
            [
                id.ToString(), MessageJson.Write(message), (message.ScheduledAt > now ? message.ScheduledAt.Value : now).ToUnixTimeMilliseconds(),
                RedisKeys.ScheduledMember(message), letter.Raw,
                .. await ReadAsync(cancellationToken).Where(other => other.Damaged == id).Select(other => other.Raw).ToListAsync(cancellationToken),
            ]);
    }

    private async Task<RequeueResult> RunAsync(RedisScript script, RedisKey[] keys, RedisValue[] arguments) =>
        (RequeueResult)(int)await gate.RunAsync(script, keys, arguments);
}
