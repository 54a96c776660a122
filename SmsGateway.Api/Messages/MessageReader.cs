using System.Text.Json;

using Microsoft.Extensions.Options;

using SmsGateway.Api.Errors;
using SmsGateway.Core.Messages;
using SmsGateway.Core.Redis;

using StackExchange.Redis;

namespace SmsGateway.Api.Messages;

/// <summary>Finds a message wherever it is on its way: in Redis until ingest has stored it, in the database from then on.</summary>
internal sealed class MessageReader(
    MessageStore store, IConnectionMultiplexer connection, Shards shards, IOptions<RedisOptions> options, TimeProvider time)
{
    /// <summary>The caller's message with this id; null where there is none.</summary>
    public async Task<MessageView?> FindAsync(long userId, Guid id, CancellationToken cancellationToken)
    {
        try
        {
            // It may move from Redis to the database between the two looks; it never moves back, so a third look is the last.
            return await FindStoredAsync(userId, id, cancellationToken)
                ?? await FindQueuedAsync(userId, id, cancellationToken)
                ?? await FindStoredAsync(userId, id, cancellationToken);
        }
        catch (Exception down) when (Outage.IsDatabaseOutage(down))
        {
            if (await FindQueuedAsync(userId, id, cancellationToken) is { } queued)
            {
                return queued;
            }

            throw;
        }
    }

    /// <summary>The payload of the caller's message, if no dispatcher has taken it yet.</summary>
    public async Task<QueuedMessage?> FindPayloadAsync(long userId, Guid id, CancellationToken cancellationToken)
    {
        var payload = (byte[]?)await connection.GetDatabase()
            .HashGetAsync(shards.Of(userId).Messages, id.ToString())
            .WaitAsync(options.Value.Timeout, time, cancellationToken);
        if (payload is null)
        {
            return null;
        }

        try
        {
            return MessageJson.ReadMessage(payload) is { } message && message.UserId == userId ? message : null;
        }
        catch (JsonException)
        {
            // Nothing that the accept path wrote; ingest sets it aside and says so.
            return null;
        }
    }

    /// <summary>The message as the database has it, but for a cancellation that is still on its way there.</summary>
    private async Task<MessageView?> FindStoredAsync(long userId, Guid id, CancellationToken cancellationToken)
    {
        var stored = await store.FindAsync(userId, id, cancellationToken);
        return stored?.Status == MessageState.Queued.Name() && await IsCancelledAsync(userId, id, cancellationToken)
            ? stored with { Status = MessageState.Cancelled.Name() }
            : stored;
    }

    /// <summary>A Redis that is down hides only how new the answer could be.</summary>
    private async Task<bool> IsCancelledAsync(long userId, Guid id, CancellationToken cancellationToken)
    {
        try
        {
            return await connection.GetDatabase()
                .KeyExistsAsync(shards.Of(userId).Cancellation(id))
                .WaitAsync(options.Value.Timeout, time, cancellationToken);
        }
        catch (Exception down) when (RedisFailure.Is(down))
        {
            return false;
        }
    }

    private async Task<MessageView?> FindQueuedAsync(long userId, Guid id, CancellationToken cancellationToken)
    {
        if (await FindPayloadAsync(userId, id, cancellationToken) is not { } message)
        {
            return null;
        }

        bool isCancelled = await connection.GetDatabase()
            .SetContainsAsync(shards.Of(userId).Cancelled, id.ToString())
            .WaitAsync(options.Value.Timeout, time, cancellationToken);
        return MessageView.Of(message, isCancelled ? MessageState.Cancelled : MessageState.Queued);
    }
}
