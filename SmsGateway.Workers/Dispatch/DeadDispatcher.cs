using Microsoft.Extensions.Options;

using SmsGateway.Core.Messages;
using SmsGateway.Core.Redis;

using StackExchange.Redis;

namespace SmsGateway.Workers.Dispatch;

/// <summary>
/// Empties a dispatcher's claim. What a dead dispatcher left there may have been sent: it is sent again only where the one provider that
/// can have it honours the idempotency key, otherwise its outcome is unknown. Running it twice, or beside the dispatcher come back, is
/// harmless.
/// </summary>
internal sealed class DeadDispatcher(
    IConnectionMultiplexer redis,
    Routes routes,
    DispatchMetrics metrics,
    IOptions<DispatchOptions> options,
    TimeProvider time,
    ILogger<DeadDispatcher> log)
{
    private const int PageMessages = 500;
    private const string DispatcherDied = "dispatcher_died";

    private readonly DispatchOptions _options = options.Value;

    /// <summary>Takes over what a dead dispatcher held in one shard.</summary>
    /// <returns>The number of messages.</returns>
    /// <exception cref="RedisException">Not all is taken over; to be called again.</exception>
    /// <exception cref="TimeoutException">Not all is taken over; to be called again.</exception>
    public async Task<int> RecoverAsync(RedisKeys keys, string deadWorker, CancellationToken cancellationToken)
    {
        int unknown = 0;
        int messages = await EmptyAsync(
            keys,
            deadWorker,
            message =>
            {
                var decision = AfterDeath(message);
                unknown += decision.Again is null ? 1 : 0;
                return decision;
            },
            cancellationToken);
        if (messages > 0)
        {
            DispatchLog.TookOver(log, messages, keys.Shard, deadWorker, messages - unknown, unknown);
        }

        return messages;
    }

    /// <summary>Gives back what a living dispatcher has in its claim and has not sent.</summary>
    /// <exception cref="RedisException">Not all is given back; to be called again.</exception>
    /// <exception cref="TimeoutException">Not all is given back; to be called again.</exception>
    public async Task ReturnUnsentAsync(RedisKeys keys, string worker)
    {
        int messages = await EmptyAsync(keys, worker, message => Decision.Retry(message, time.GetUtcNow()), CancellationToken.None);
        if (messages > 0)
        {
            DispatchLog.UnsentReturned(log, messages, keys.Shard);
        }
    }

    /// <summary>
    /// The attempt that may have been made counts: a message that kills its dispatcher does so a bounded number of times.
    /// </summary>
    private Decision AfterDeath(QueuedMessage message)
    {
        var now = time.GetUtcNow();
        int attempts = message.Attempts + 1;
        var line = routes.SafeToRepeat(message);
        if (line is not null && attempts < _options.MaxAttempts)
        {
            // Unknown from now on: a cancellation gives no money back for what may have been delivered.
            return Decision.RetryUnknown(Unknown(message, line.Name, attempts, now), message with { Attempts = attempts, OnlyProvider = line.Name }, now);
        }

        var outcome = Unknown(message, line?.Name ?? message.OnlyProvider, attempts, now);
        metrics.Learnt(outcome, message.Priority);
        return Decision.Finish(outcome);
    }

    private static Outcome Unknown(QueuedMessage message, string? provider, int attempts, DateTimeOffset now) => new()
    {
        Id = message.Id,
        State = MessageState.Unknown,
        At = now,
        Provider = provider,
        ErrorCode = DispatcherDied,
        Attempts = attempts,
    };

    private async Task<int> EmptyAsync(
        RedisKeys keys, string worker, Func<QueuedMessage, Decision> decide, CancellationToken cancellationToken)
    {
        var database = redis.GetDatabase();

        // Whole, for it is bounded by the slots of the dispatcher.
        var entries = await database.HashGetAllAsync(keys.DispatchClaim(worker)).WaitAsync(_options.RedisTimeout, time, cancellationToken);
        var batch = new ClaimBatch(database, keys, worker, _options.RedisTimeout, time);
        foreach (var entry in entries)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var message = ClaimedPayload.Read(entry.Name, entry.Value, time.GetUtcNow(), out var letter);
            if (message is null)
            {
                DispatchLog.SetAside(log, keys.Shard, letter!.Reason);
                metrics.SetAside(1);
            }

            batch.Add(entry.Name, message is null ? Decision.SetAside(letter!) : decide(message));
            if (batch.Count == PageMessages)
            {
                await batch.WriteAsync();
                batch.Clear();
            }
        }

        await batch.WriteAsync();
        return entries.Length;
    }
}
