namespace SmsGateway.Workers;

/// <summary>
/// The log messages of the workers; never message text, phone numbers or keys. Event ids: 2000 all loops, 2100 ingest, 2200 dispatch and
/// providers (in their folders), 2300 status, 2400 credits, 2500 recovery, 2600 partitions, 2700 webhooks, 2800 watchdog.
/// </summary>
internal static partial class Log
{
    [LoggerMessage(2002, LogLevel.Warning, "{Step} fails and is repeated until it succeeds")]
    public static partial void StepFails(ILogger logger, string step, Exception error);

    [LoggerMessage(2003, LogLevel.Information, "{Step} works again")]
    public static partial void StepWorks(ILogger logger, string step);

    [LoggerMessage(2100, LogLevel.Error, "Ingest claim {Claim} set aside {Messages} messages that cannot be stored; the first because {Reason}")]
    public static partial void IngestSetAside(ILogger logger, Guid claim, int messages, string reason);

    [LoggerMessage(2300, LogLevel.Error, "Status claim {Claim} set aside {Outcomes} payloads that are no outcomes")]
    public static partial void StatusSetAside(ILogger logger, Guid claim, int outcomes);

    [LoggerMessage(2301, LogLevel.Warning, "{Count} outcomes named no message for {MaxAge} and were set aside")]
    public static partial void OutcomesUnmatched(ILogger logger, int count, TimeSpan maxAge);

    [LoggerMessage(2302, LogLevel.Warning, "{Messages} messages were unknown for {Limit} and nothing was learnt of them: they end as {End}")]
    public static partial void DoubtEnded(ILogger logger, int messages, TimeSpan limit, Status.UnknownEnd end);

    [LoggerMessage(2400, LogLevel.Debug, "Synced the credit of {Accounts} accounts")]
    public static partial void CreditSynced(ILogger logger, int accounts);

    [LoggerMessage(2401, LogLevel.Error,
        "Account {UserId} drifts: Redis lets it spend {Balance} minor units more than the database, and holds {Pending} too many as pending. ./gateway reconcile tells more")]
    public static partial void CreditDrifts(ILogger logger, long userId, long balance, long pending);

    [LoggerMessage(2402, LogLevel.Error, "{Adjustments} negative adjustments in Redis cannot be read, so their money is neither taken nor given back")]
    public static partial void AdjustmentsUnreadable(ILogger logger, int adjustments);

    [LoggerMessage(2500, LogLevel.Warning, "Took over {Claims} claims of worker {Worker}, whose lease has ended")]
    public static partial void TookOver(ILogger logger, int claims, string worker);

    [LoggerMessage(2501, LogLevel.Error, "Redis shard {Shard} has lost time: {Reason}. Nothing is accepted or sent from it until it is rebuilt")]
    public static partial void RedisLostTime(ILogger logger, int shard, string reason);

    [LoggerMessage(2502, LogLevel.Information,
        "Redis shard {Shard} is open with epoch {Epoch}: {Accounts} accounts reset, {Messages} messages queued again, {Requests} requests remembered, in {Elapsed}")]
    public static partial void RedisRebuilt(ILogger logger, int shard, string epoch, int accounts, int messages, int requests, TimeSpan elapsed);

    [LoggerMessage(2505, LogLevel.Warning, "A rebuild of Redis ends: {Reason}")]
    public static partial void RebuildOvertaken(ILogger logger, string reason);

    [LoggerMessage(2503, LogLevel.Warning, "Recovery of Redis shard {Shard} was interrupted; the next heartbeat goes on with it")]
    public static partial void RecoveryInterrupted(ILogger logger, int shard, Exception error);

    [LoggerMessage(2504, LogLevel.Information, "Redis shard {Shard} is closed and waits for what is still in it: {Left}")]
    public static partial void RebuildWaits(ILogger logger, int shard, string left);

    [LoggerMessage(2600, LogLevel.Information, "Made partition {Partition}")]
    public static partial void PartitionMade(ILogger logger, string partition);

    [LoggerMessage(2601, LogLevel.Information, "Retired partition {Partition}")]
    public static partial void PartitionRetired(ILogger logger, string partition);

    [LoggerMessage(2602, LogLevel.Warning, "Partition {Partition} is due to be retired and is held by {Reason}")]
    public static partial void PartitionHeld(ILogger logger, string partition, string reason);

    [LoggerMessage(2700, LogLevel.Error, "The call for event {Event} broke; it is made again later")]
    public static partial void WebhookBroken(ILogger logger, string @event, Exception error);

    [LoggerMessage(2800, LogLevel.Error, "Something is stuck: the oldest in state {State} has waited for {Age}; it may wait for {Limit}")]
    public static partial void Stuck(ILogger logger, string state, TimeSpan age, TimeSpan limit);

    [LoggerMessage(2801, LogLevel.Information, "Nothing is stuck in state {State} any more")]
    public static partial void NotStuck(ILogger logger, string state);
}
