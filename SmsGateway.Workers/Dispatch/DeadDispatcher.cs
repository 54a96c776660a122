using Microsoft.Extensions.Options;

using SmsGateway.Core.Messages;
using SmsGateway.Core.Redis;

using StackExchange.Redis;

namespace SmsGateway.Workers.Dispatch;

/// <summary>
/// Empties a dispatcher's claim. What a dead dispatcher left there may have been sent: it is sent again only where the one provider that
/// can have it can resolve the doubt, otherwise its outcome is unknown. A message with several routes that names no provider had not been sent.
/// Running it twice, or beside the dispatcher come back, is harmless.
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
        int messages = await EmptyAsync(keys, worker, Unsent, CancellationToken.None);
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
        var lines = routes.For(message);
        var counted = message with { Attempts = message.Attempts + 1, Asking = null };
        bool isLast = counted.Attempts >= _options.MaxAttempts;
        if (message.Asking is null && lines.Length > 1 && !isLast)
        {
            return Decision.Retry(counted, now);
        }

        string? asked = message.Asking ?? message.OnlyProvider ?? (lines.Length == 1 ? lines.Span[0].Name : null);
        var unknown = Unknown(counted, asked, now);
        metrics.Learnt(unknown, message.Priority);
        return asked is not null && routes.Find(asked) is { CanResolve: true } line && !isLast
            // Unknown from now on: a cancellation gives no money back for what may have been delivered.
            ? Decision.RetryUnknown(unknown, counted with { OnlyProvider = asked }, now + line.LookUpDelay)
            : Decision.Finish(unknown);
    }

    private Decision Unsent(QueuedMessage message) => Decision.Retry(message with { Asking = null }, time.GetUtcNow());

    private static Outcome Unknown(QueuedMessage message, string? provider, DateTimeOffset now) => new()
    {
        Id = message.Id,
        State = MessageState.Unknown,
        At = now,
        Provider = provider,
        ErrorCode = DispatcherDied,
        Attempts = message.Attempts,
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
