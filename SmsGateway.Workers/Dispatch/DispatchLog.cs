namespace SmsGateway.Workers.Dispatch;

/// <summary>What dispatch logs. Event ids 2200 to 2249.</summary>
internal static partial class DispatchLog
{
    [LoggerMessage(2200, LogLevel.Information, "Dispatch begins as {Worker} with {Slots} slots, jitter seed {Seed}")]
    public static partial void Begins(ILogger logger, string worker, int slots, int seed);

    [LoggerMessage(2201, LogLevel.Warning, "The lease of {Worker} has run out: nothing is claimed or sent until it is renewed")]
    public static partial void LeaseLost(ILogger logger, string worker);

    [LoggerMessage(2202, LogLevel.Information, "{Worker} holds its lease: dispatch goes on")]
    public static partial void LeaseHeld(ILogger logger, string worker);

    [LoggerMessage(2205, LogLevel.Error, "Set aside a payload of shard {Shard}: {Reason}")]
    public static partial void SetAside(ILogger logger, int shard, string reason);

    [LoggerMessage(2206, LogLevel.Error, "Sending message {Id} failed in an unforeseen way; whether a provider has it is unknown")]
    public static partial void SendBroke(ILogger logger, Guid id, Exception error);

    [LoggerMessage(2207, LogLevel.Information, "Gave back {Messages} messages of shard {Shard} that were claimed and not sent")]
    public static partial void UnsentReturned(ILogger logger, int messages, int shard);

    [LoggerMessage(
        2208,
        LogLevel.Warning,
        "Took over {Messages} messages of shard {Shard} from the dead dispatcher {Worker}: "
        + "{Returned} are sent again, {Unknown} may have been sent and are unknown")]
    public static partial void TookOver(ILogger logger, int messages, int shard, string worker, int returned, int unknown);

    [LoggerMessage(2209, LogLevel.Information, "Dispatch stops with {Held} messages held")]
    public static partial void Stops(ILogger logger, int held);

    [LoggerMessage(2210, LogLevel.Warning, "Dispatch ends with {Held} messages held; whoever takes over decides about them")]
    public static partial void EndsHolding(ILogger logger, int held);
}
