using System.Text.Json;

using SmsGateway.Core.Credits;
using SmsGateway.Core.Messages;
using SmsGateway.Core.Redis;

using StackExchange.Redis;

namespace SmsGateway.Workers.Commands;

/// <summary>What came of requeueing a dead letter: the return codes of requeue.lua.</summary>
internal enum RequeueResult
{
    /// <summary>It is not there any more, or holds nothing that could be processed now.</summary>
    Gone = 0,
    Requeued = 1,
    BalanceTooLow = 4,
    BalanceNotLoaded = 5,
    Closed = 7,
}

/// <summary>What an operator does with <c>dead_sms_queue</c>.</summary>
internal sealed class DeadLetters(IConnectionMultiplexer connection, Shards shards, EpochGate gate, BalanceLoader balances)
{
    /// <summary>Every letter, oldest first; null for what is not even a letter.</summary>
    public async Task<IReadOnlyList<(RedisKeys Keys, RedisValue Raw, DeadLetter? Letter)>> ReadAsync()
    {
        var letters = new List<(RedisKeys, RedisValue, DeadLetter?)>();
        foreach (var keys in shards.All)
        {
            var raws = await connection.GetDatabase().ListRangeAsync(keys.DeadLetters);
            letters.AddRange(raws.Select(raw => (keys, raw, Read(() => MessageJson.ReadDeadLetter((byte[])raw!)))));
        }

        return letters;
    }

    /// <summary>Puts what a letter holds back where it came from.</summary>
    public async Task<RequeueResult> RequeueAsync(RedisKeys keys, RedisValue raw, DeadLetter letter, CancellationToken cancellationToken)
    {
        byte[] payload = letter.Payload ?? [];
        if (letter.Source == "ingest" && Read(() => MessageJson.ReadMessage(payload)) is { } message && message.Id.ToString() == letter.Id)
        {
            return await RequeueAsync(keys, raw, payload, message, cancellationToken);
        }

        return letter.Source == "status" && Read(() => MessageJson.ReadOutcome(payload)) is { } outcome
            ? await RunAsync([keys.DeadLetters, keys.StatusBuffer], [raw, MessageJson.Write(outcome with { ParkedAt = null })])
            : RequeueResult.Gone;
    }

    /// <summary>A message is charged again, so its account's balance must be there.</summary>
    private async Task<RequeueResult> RequeueAsync(
        RedisKeys keys, RedisValue raw, byte[] payload, QueuedMessage message, CancellationToken cancellationToken)
    {
        long userId = message.UserId;
        await balances.LoadAsync(userId, cancellationToken);
        return await RunAsync(
            [
                keys.DeadLetters, keys.Queue(message.Priority), keys.Messages, keys.BufferedCost, keys.UserBalance(userId), keys.PendingDeduct(userId),
                keys.Epoch,
            ],
            [raw, payload, message.Id.ToString(), userId, message.CostUnits]);
    }

    private async Task<RequeueResult> RunAsync(RedisKey[] keys, RedisValue[] arguments) =>
        (RequeueResult)(int)await gate.RunAsync(RedisScript.Requeue, keys, arguments);

    private static T? Read<T>(Func<T> read)
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
