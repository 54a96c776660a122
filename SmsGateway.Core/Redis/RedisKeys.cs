using System.Globalization;

using SmsGateway.Core.Messages;

using StackExchange.Redis;

namespace SmsGateway.Core.Redis;

/// <summary>
/// Every key of one shard. All of them carry the shard's hash tag, so that what one script touches lies in one Redis Cluster slot.
/// No key is spelt anywhere else.
/// </summary>
public sealed class RedisKeys
{
    private readonly string _prefix;

    public RedisKeys(int shard)
    {
        Shard = shard;
        _prefix = string.Create(CultureInfo.InvariantCulture, $"{{{shard}}}:");
        Messages = _prefix + "messages";
        BufferedCost = _prefix + "buffered_cost";
        NormalQueue = _prefix + "normal_sms_queue";
        ExpressQueue = _prefix + "express_sms_queue";
        IngestClaims = _prefix + "ingest_claims";
        NormalRotation = _prefix + "dispatch_rotation_normal";
        ExpressRotation = _prefix + "dispatch_rotation_express";
        Scheduled = _prefix + "scheduled";
        Cancelled = _prefix + "cancelled";
        StatusBuffer = _prefix + "sms_status_buffer";
        StatusClaims = _prefix + "status_claims";
        ParkedOutcomes = _prefix + "parked_outcomes";
        DeadLetters = _prefix + "dead_sms_queue";
        DispatchPaused = _prefix + "dispatch_paused";
        Workers = _prefix + "workers";
        Epoch = _prefix + "epoch";
        Rebuild = _prefix + "rebuild";
        Restored = _prefix + "restored";
        Adjustments = _prefix + "adjustments";
        FinishedAdjustments = _prefix + "finished_adjustments";
    }

    /// <summary>The shard's number: account id modulo the number of shards.</summary>
    public int Shard { get; }

    /// <summary>Hash, message id → payload: every message that is in Redis and has not been handed to a dispatcher.</summary>
    public RedisKey Messages { get; }

    /// <summary>Hash, account id → minor units of its messages and adjustments in Redis whose ledger row may not be in the database yet.</summary>
    public RedisKey BufferedCost { get; }

    /// <summary>List of the ids of accepted normal messages, oldest first, on their way to the database.</summary>
    public RedisKey NormalQueue { get; }

    /// <summary>List of the ids of accepted express messages, oldest first, on their way to the database.</summary>
    public RedisKey ExpressQueue { get; }

    /// <summary>Hash, ingest claim id → id of the worker that holds it.</summary>
    public RedisKey IngestClaims { get; }

    /// <summary>List of the accounts that have normal messages to send; each at most once.</summary>
    public RedisKey NormalRotation { get; }

    /// <summary>List of the accounts that have express messages to send; each at most once.</summary>
    public RedisKey ExpressRotation { get; }

    /// <summary>Sorted set of messages that wait for their time (scheduled, or to be tried again); score: due time in Unix milliseconds.</summary>
    public RedisKey Scheduled { get; }

    /// <summary>Set of the ids of cancelled messages that some list still names.</summary>
    public RedisKey Cancelled { get; }

    /// <summary>List of outcomes on their way to the database, oldest first.</summary>
    public RedisKey StatusBuffer { get; }

    /// <summary>Hash, status claim id → id of the worker that holds it.</summary>
    public RedisKey StatusClaims { get; }

    /// <summary>Sorted set of outcomes whose message is not in the database yet; score: next attempt in Unix milliseconds.</summary>
    public RedisKey ParkedOutcomes { get; }

    /// <summary>List of what could not be processed, each with its reason.</summary>
    public RedisKey DeadLetters { get; }

    /// <summary>When and why an operator has paused dispatch; not there while it runs.</summary>
    public RedisKey DispatchPaused { get; }

    /// <summary>Sorted set of live workers; score: when the lease ends, in Unix milliseconds by Redis' clock.</summary>
    public RedisKey Workers { get; }

    /// <summary>Hash of <c>id</c> and <c>counter</c>: by it a Redis that lost time is recognised (ARCHITECTURE.md).</summary>
    public RedisKey Epoch { get; }

    /// <summary>The token of the rebuild that is under way.</summary>
    public RedisKey Rebuild { get; }

    /// <summary>Set of the workers that have told this Redis, which lost time, what they hold. There only until it is rebuilt.</summary>
    public RedisKey Restored { get; }

    /// <summary>Hash, account and reference → negative adjustment that is taken out of a balance and whose ledger row may not be written yet.</summary>
    public RedisKey Adjustments { get; }

    /// <summary>How many adjustments have left <see cref="Adjustments"/>.</summary>
    public RedisKey FinishedAdjustments { get; }

    /// <summary>List of the ids that one ingest claim holds.</summary>
    public RedisKey IngestClaim(Guid claim) => $"{_prefix}ingest_claim:{claim:D}";

    /// <summary>List of the outcomes that one status claim holds.</summary>
    public RedisKey StatusClaim(Guid claim) => $"{_prefix}status_claim:{claim:D}";

    /// <summary>Hash, message id → payload: what a dispatcher holds. Each of them may have been sent.</summary>
    public RedisKey DispatchClaim(string worker) => $"{_prefix}dispatch_claim:{worker}";

    /// <summary>There for a while after a message was cancelled, so that it is shown as cancelled before the database says so.</summary>
    public RedisKey Cancellation(Guid message) => $"{_prefix}cancellation:{message:D}";

    /// <summary>The lane's buffer.</summary>
    public RedisKey Queue(Priority priority) => priority == Priority.Express ? ExpressQueue : NormalQueue;

    /// <summary>The lane's rotation of accounts.</summary>
    public RedisKey Rotation(Priority priority) => priority == Priority.Express ? ExpressRotation : NormalRotation;

    /// <summary>The beginning of the keys of the per-account lists of ids to send; a script appends <c>express_42</c> or <c>normal_42</c>.</summary>
    public string DispatchListPrefix => _prefix + "dispatch_";

    /// <summary>The beginning of <see cref="UserBalance"/>; a script appends the account id.</summary>
    public string UserBalancePrefix => _prefix + "user_balance_";

    /// <summary>The beginning of <see cref="PendingDeduct"/>; a script appends the account id.</summary>
    public string PendingDeductPrefix => _prefix + "pending_deduct_";

    /// <summary>What the account can spend now, in minor units.</summary>
    public RedisKey UserBalance(long userId) => AccountKey("user_balance_", userId);

    /// <summary>What was deducted and is not yet in the database balance that Redis reflects, in minor units.</summary>
    public RedisKey PendingDeduct(long userId) => AccountKey("pending_deduct_", userId);

    /// <summary>The last sync of the account that Redis reflects.</summary>
    public RedisKey SyncSeq(long userId) => AccountKey("sync_seq_", userId);

    /// <summary>Held by whoever loads the account's balance.</summary>
    public RedisKey BalanceLoad(long userId) => AccountKey("balance_load_", userId);

    /// <summary>What was answered to the request with this key.</summary>
    public RedisKey Idempotency(long userId, string requestId) =>
        string.Create(CultureInfo.InvariantCulture, $"{_prefix}idempotency:{userId}:{requestId}");

    /// <summary>List of the ids of an account's messages that may be sent now, oldest first.</summary>
    public RedisKey DispatchList(Priority priority, long userId) =>
        string.Create(CultureInfo.InvariantCulture, $"{DispatchListPrefix}{priority.Name()}_{userId}");

    /// <summary>
    /// The bucket of a provider's messages a second, which all workers share: when it will be full again, in microseconds of Redis' clock. It
    /// belongs to no shard.
    /// </summary>
    public static RedisKey ProviderRate(string provider) => $"{{provider:{provider}}}:rate";

    /// <summary>Sorted set of how the breakers of all workers stand; score: until when that holds, in Unix milliseconds. It belongs to no shard.</summary>
    public static RedisKey Breakers => "{providers}:breakers";

    /// <summary>How the scheduled set names a message: the scripts find its dispatch list by it.</summary>
    public static RedisValue ScheduledMember(QueuedMessage message) =>
        string.Create(CultureInfo.InvariantCulture, $"{message.Priority.Name()} {message.UserId} {message.Id}");

    /// <summary>How <see cref="Adjustments"/> names an adjustment.</summary>
    public static RedisValue AdjustmentField(long userId, string reference) => string.Create(CultureInfo.InvariantCulture, $"{userId} {reference}");

    private RedisKey AccountKey(string name, long userId) => string.Create(CultureInfo.InvariantCulture, $"{_prefix}{name}{userId}");
}
