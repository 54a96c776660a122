using Microsoft.Extensions.Options;

using SmsGateway.Api.Messages;
using SmsGateway.Core;
using SmsGateway.Core.Messages;
using SmsGateway.Core.Money;
using SmsGateway.Core.Redis;

using StackExchange.Redis;

namespace SmsGateway.Api.Bulk;

/// <summary>What became of a bulk; <see cref="Record"/> is that of the first answer where it was replayed, and null where it was refused.</summary>
internal readonly record struct BulkAcceptance(AcceptCode Code, BulkRecord? Record, Amount Balance);

/// <summary>Charges and queues many messages by one call of accept_bulk.lua: all or none.</summary>
internal sealed class BulkAcceptor(Charger charger, Shards shards, IOptions<AcceptOptions> options, IOptions<GatewayOptions> gateway)
{
    private readonly RedisValue _backlogLimit = options.Value.BacklogLimit;
    private readonly RedisValue _idempotencySeconds = (long)gateway.Value.IdempotencyLifetime.TotalSeconds;

    /// <param name="messages">Messages of one account, with the ids of one bulk, in the order of the request.</param>
    /// <param name="idempotency">How a repetition is recognised.</param>
    /// <param name="cancellationToken">Ends the waiting, not what Redis does.</param>
    /// <inheritdoc cref="Charger.ChargeAsync"/>
    public async Task<BulkAcceptance> AcceptAsync(
        IReadOnlyList<QueuedMessage> messages, Idempotency? idempotency, CancellationToken cancellationToken)
    {
        var record = new BulkRecord(idempotency?.Fingerprint ?? "", messages[0].Id, [.. messages.Select(message => message.CostUnits)]);
        var missing = messages;
        string before = "";
        while (true)
        {
            var (code, detail) = await ChargeAsync(missing, record, before, idempotency, cancellationToken);
            switch (code)
            {
                case AcceptCode.Accepted:
                    return new(code, record, default);
                case AcceptCode.InsufficientBalance:
                    return new(code, null, new((long)detail));
                case AcceptCode.Replayed:
                    break;
                default:
                    return new(code, null, default);
            }

            before = (string?)detail ?? "";
            var first = BulkRecord.Parse(before);
            if (first.IsComplete(messages.Count))
            {
                return new(AcceptCode.Replayed, first, default);
            }

            // A Redis that lost time took a part of the bulk with it. Nothing of that part was sent, and its charge is gone with it.
            (missing, record) = Complete(messages, first);
        }
    }

    /// <summary>What was answered to the request before; null where it is new, or not to be answered without handing in what is missing.</summary>
    public async Task<BulkAcceptance?> FindReplayAsync(long userId, Idempotency idempotency, int count, CancellationToken cancellationToken)
    {
        if (await charger.FindReplayAsync(userId, idempotency, cancellationToken) is not var (code, detail))
        {
            return null;
        }

        if (code != AcceptCode.Replayed)
        {
            return new BulkAcceptance(code, null, default);
        }

        var record = BulkRecord.Parse((string?)detail ?? "");
        return record.IsComplete(count) ? new BulkAcceptance(code, record, default) : null;
    }

    private static (QueuedMessage[] Missing, BulkRecord Record) Complete(IReadOnlyList<QueuedMessage> messages, BulkRecord before)
    {
        var costs = new long[messages.Count];
        var missing = new List<QueuedMessage>();
        for (int position = 0; position < messages.Count; position++)
        {
            costs[position] = position < before.Costs.Count ? before.Costs[position] : 0;
            if (costs[position] == 0)
            {
                costs[position] = messages[position].CostUnits;
                missing.Add(messages[position] with { Id = MessageId.InBulk(before.First, position) });
            }
        }

        return ([.. missing], before with { Costs = costs });
    }

    private Task<ChargeResult> ChargeAsync(
        IReadOnlyList<QueuedMessage> messages, BulkRecord record, string before, Idempotency? idempotency, CancellationToken cancellationToken)
    {
        long userId = messages[0].UserId;
        var keys = shards.Of(userId);
        RedisKey[] scriptKeys =
        [
            keys.UserBalance(userId), keys.PendingDeduct(userId), keys.Messages, keys.NormalQueue, keys.ExpressQueue, keys.BufferedCost, keys.Epoch,
        ];
        int normal = messages.Count(message => message.Priority == Priority.Normal);
        var arguments = new List<RedisValue>(8 + (2 * messages.Count))
        {
            userId, messages.Sum(message => message.CostUnits), _backlogLimit, normal,
        };
        if (idempotency is { } known)
        {
            scriptKeys = [.. scriptKeys, keys.Idempotency(userId, known.RequestId)];
            arguments.AddRange([record.ToString(), before, known.Fingerprint.Length, _idempotencySeconds]);
        }
        else
        {
            arguments.AddRange(["", "", 0, 0]);
        }

        foreach (var priority in (ReadOnlySpan<Priority>)[Priority.Normal, Priority.Express])
        {
            foreach (var message in messages)
            {
                if (message.Priority == priority)
                {
                    arguments.Add(message.Id.ToString());
                    arguments.Add(MessageJson.Write(message));
                }
            }
        }

        return charger.ChargeAsync(RedisScript.AcceptBulk, userId, scriptKeys, [.. arguments], cancellationToken);
    }
}
