using Microsoft.Extensions.Options;

using SmsGateway.Api.Errors;
using SmsGateway.Core.Messages;
using SmsGateway.Core.Redis;

namespace SmsGateway.Api.Messages;

/// <summary>Cancels messages that no dispatcher has taken (cancel.lua); the refund comes with the flush of the outcome.</summary>
internal sealed class Canceller(MessageReader reader, EpochGate gate, Shards shards, IOptions<RedisOptions> options, TimeProvider time)
{
    /// <summary>Longer than an outcome takes to reach the database.</summary>
    private static readonly TimeSpan ShownFromRedis = TimeSpan.FromDays(1);

    private enum CancelCode
    {
        NotHere = 0,
        Cancelled = 1,
        CancelledBefore = 2,
        Closed = 7,
    }

    /// <summary>Null where the message is cancelled, by this call or before; else why it is not.</summary>
    /// <exception cref="GateClosedException">This Redis may have forgotten that the message was sent.</exception>
    public async Task<Problem?> CancelAsync(long userId, Guid id, CancellationToken cancellationToken)
    {
        if (await reader.FindPayloadAsync(userId, id, cancellationToken) is { } message && await TryAsync(message, cancellationToken))
        {
            return null;
        }

        // A message that has left Redis is in the database, for a dispatcher takes only what ingest has stored.
        var stored = await reader.FindAsync(userId, id, cancellationToken);
        if (stored is null)
        {
            return MessageProblems.NotFound();
        }

        if (stored.Status == MessageState.Cancelled.Name())
        {
            return null;
        }

        string detail = stored.Status == MessageState.Queued.Name()
            ? "The message is being handed to a provider, or its end is being recorded."
            : $"The message is {stored.Status}.";
        return new(ProblemTypes.TooLateToCancel, detail) { State = stored.Status };
    }

    private async Task<bool> TryAsync(QueuedMessage message, CancellationToken cancellationToken)
    {
        var keys = shards.Of(message.UserId);
        var outcome = new Outcome { Id = message.Id, State = MessageState.Cancelled, At = time.GetUtcNow() };
        var result = await gate.RunAsync(
            RedisScript.Cancel,
            [keys.Messages, keys.Cancelled, keys.Scheduled, keys.StatusBuffer, keys.Cancellation(message.Id), keys.Epoch],
            [message.Id.ToString(), RedisKeys.ScheduledMember(message), MessageJson.Write(outcome), (long)ShownFromRedis.TotalSeconds])
            .WaitAsync(options.Value.Timeout, time, cancellationToken);
        return (CancelCode)(int)result switch
        {
            CancelCode.Cancelled or CancelCode.CancelledBefore => true,
            CancelCode.NotHere => false,
            _ => throw new GateClosedException("Redis has no epoch: it may have lost time"),
        };
    }
}
