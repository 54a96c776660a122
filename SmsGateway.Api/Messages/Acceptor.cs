using System.Globalization;

using Microsoft.Extensions.Options;

using SmsGateway.Core;
using SmsGateway.Core.Messages;
using SmsGateway.Core.Money;
using SmsGateway.Core.Redis;

using StackExchange.Redis;

namespace SmsGateway.Api.Messages;

/// <summary>How a client can recognise its own repeated request.</summary>
internal readonly record struct Idempotency(string RequestId, string Fingerprint);

/// <summary>
/// What became of a message; <see cref="Id"/> and <see cref="Cost"/> are those of the first answer where it was replayed.
/// </summary>
internal readonly record struct Acceptance(AcceptCode Code, Guid Id, Amount Cost, Amount Balance);

/// <summary>Charges and queues one message by accept.lua.</summary>
internal sealed class Acceptor(Charger charger, Shards shards, IOptions<AcceptOptions> options, IOptions<GatewayOptions> gateway)
{
    private readonly RedisValue _backlogLimit = options.Value.BacklogLimit;
    private readonly RedisValue _idempotencySeconds = (long)gateway.Value.IdempotencyLifetime.TotalSeconds;

    /// <inheritdoc cref="Charger.ChargeAsync"/>
    public async Task<Acceptance> AcceptAsync(QueuedMessage message, Idempotency? idempotency, CancellationToken cancellationToken)
    {
        var (code, detail) = await charger.ChargeAsync(
            RedisScript.Accept, message.UserId, Keys(message, idempotency), Arguments(message, idempotency), cancellationToken);
        return code switch
        {
            AcceptCode.Replayed => Replay((string?)detail),
            AcceptCode.InsufficientBalance => new(code, default, new(message.CostUnits), new((long)detail)),
            _ => new(code, message.Id, new(message.CostUnits), default),
        };
    }

    /// <summary>
    /// What was answered to the request before; null where it is new. For requests that are refused without asking the script.
    /// </summary>
    public async Task<Acceptance?> FindReplayAsync(long userId, Idempotency idempotency, CancellationToken cancellationToken)
    {
        return await charger.FindReplayAsync(userId, idempotency, cancellationToken) switch
        {
            null => null,
            { Code: AcceptCode.Replayed, Detail: var record } => Replay(((string?)record).AsSpan(idempotency.Fingerprint.Length + 1)),
            { Code: var code } => new Acceptance(code, default, default, default),
        };
    }

    private RedisKey[] Keys(QueuedMessage message, Idempotency? idempotency)
    {
        var keys = shards.Of(message.UserId);
        var balance = keys.UserBalance(message.UserId);
        var pending = keys.PendingDeduct(message.UserId);
        var queue = keys.Queue(message.Priority);
        return idempotency is { } known
            ? [balance, pending, keys.Messages, queue, keys.BufferedCost, keys.Epoch, keys.Idempotency(message.UserId, known.RequestId)]
            : [balance, pending, keys.Messages, queue, keys.BufferedCost, keys.Epoch];
    }

    private RedisValue[] Arguments(QueuedMessage message, Idempotency? idempotency)
    {
        RedisValue id = message.Id.ToString();
        RedisValue payload = MessageJson.Write(message);
        return idempotency is { } known
            ? [id, payload, message.CostUnits, message.UserId, _backlogLimit, known.Fingerprint, _idempotencySeconds]
            : [id, payload, message.CostUnits, message.UserId, _backlogLimit];
    }

    /// <param name="record">"&lt;message id&gt; &lt;cost&gt;"</param>
    private static Acceptance Replay(ReadOnlySpan<char> record)
    {
        int space = record.IndexOf(' ');
        return new(
            AcceptCode.Replayed, Guid.ParseExact(record[..space], "D"),
            new(long.Parse(record[(space + 1)..], NumberStyles.None, CultureInfo.InvariantCulture)), default);
    }
}
