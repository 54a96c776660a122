namespace SmsGateway.Api;

/// <summary>
/// Everything that the API logs; event ids 1000 to 1999. No text of a message, no number, no key, nothing per accepted request.
/// </summary>
internal static partial class Log
{
    [LoggerMessage(1000, LogLevel.Warning, "Accepting messages has stopped in shard {Shard}: {Reason}")]
    public static partial void AcceptStopped(ILogger log, int shard, string reason);

    [LoggerMessage(1001, LogLevel.Information, "Accepting messages goes on in shard {Shard}")]
    public static partial void AcceptGoesOn(ILogger log, int shard);

    [LoggerMessage(1002, LogLevel.Debug, "{Error} while serving {Endpoint}; answered as not available")]
    public static partial void CallUnavailable(ILogger log, string error, string endpoint);

    [LoggerMessage(1003, LogLevel.Error, "Request {Request} failed by a fault of the gateway; the exception is logged beside this")]
    public static partial void CallFailed(ILogger log, string request);

    [LoggerMessage(1100, LogLevel.Warning, "Changes of keys and accounts cannot be read; keys that are known stay valid: {Reason}")]
    public static partial void KeyPollStopped(ILogger log, string reason);

    [LoggerMessage(1101, LogLevel.Information, "Changes of keys and accounts are read again")]
    public static partial void KeyPollGoesOn(ILogger log);

    [LoggerMessage(1102, LogLevel.Information, "Keys in use that changed: {Count}")]
    public static partial void KeysChanged(ILogger log, int count);

    [LoggerMessage(1110, LogLevel.Information, "Key {Name} of account {UserId} made by account {ActorId}")]
    public static partial void KeyMade(ILogger log, string name, long userId, long actorId);

    [LoggerMessage(1111, LogLevel.Information, "Key {Name} of account {UserId} rotated by account {ActorId}")]
    public static partial void KeyRotated(ILogger log, string name, long userId, long actorId);

    [LoggerMessage(1112, LogLevel.Information, "Key {Name} of account {UserId} revoked by account {ActorId}")]
    public static partial void KeyRevoked(ILogger log, string name, long userId, long actorId);

    [LoggerMessage(1200, LogLevel.Information, "Topped up account {UserId} by {Credits} credits, ledger row {LedgerId}")]
    public static partial void ToppedUp(ILogger log, long userId, string credits, long ledgerId);

    [LoggerMessage(
        1201, LogLevel.Warning, "The top-up of account {UserId} is in the database; Redis learns of it by the next sync: {Reason}")]
    public static partial void TopUpNotSynced(ILogger log, long userId, string reason);

    [LoggerMessage(1300, LogLevel.Debug, "A receipt for provider {Provider} had a wrong signature")]
    public static partial void ReceiptRefused(ILogger log, string provider);
}
