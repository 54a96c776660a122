using Microsoft.Extensions.Options;

using SmsGateway.Api.Errors;
using SmsGateway.Core.Messages;
using SmsGateway.Core.Redis;

using StackExchange.Redis;

namespace SmsGateway.Api.Messages;

/// <summary>Cancels messages that no dispatcher has taken (cancel.lua); the refund comes with the flush of the outcome.</summary>
internal sealed class Canceller(
    MessageReader reader, MessageStore store, IConnectionMultiplexer connection, Shards shards, IOptions<RedisOptions> options,
    TimeProvider time)
{
    private enum CancelCode
    {
        NotHere = 0,
        Cancelled = 1,
        CancelledBefore = 2,
    }

    /// <summary>Null where the message is cancelled, by this call or before; else why it is not.</summary>
    public async Task<Problem?> CancelAsync(long userId, Guid id, CancellationToken cancellationToken)
    {
        if (await reader.FindPayloadAsync(userId, id, cancellationToken) is { } message
            && await RunAsync(message, cancellationToken) != CancelCode.NotHere)
        {
            return null;
        }

        // A message that has left Redis is in the database, for a dispatcher takes only what ingest has stored.
        var stored = await store.FindAsync(userId, id, cancellationToken);
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

    private async Task<CancelCode> RunAsync(QueuedMessage message, CancellationToken cancellationToken)
    {
        var keys = shards.Of(message.UserId);
        var outcome = new Outcome { Id = message.Id, State = MessageState.Cancelled, At = time.GetUtcNow() };
        string id = message.Id.ToString();
        var result = await RedisScript.Cancel.RunAsync(
            connection.GetDatabase(),
            [keys.Messages, keys.Cancelled, keys.Scheduled, keys.StatusBuffer],
            [id, RedisKeys.ScheduledMember(message), MessageJson.Write(outcome)])
            .WaitAsync(options.Value.Timeout, time, cancellationToken);
        return (CancelCode)(int)result;
    }
}
