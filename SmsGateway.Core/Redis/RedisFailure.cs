using StackExchange.Redis;

namespace SmsGateway.Core.Redis;

/// <summary>Tells failures of Redis from mistakes of ours.</summary>
public static class RedisFailure
{
    /// <summary>Whether an error is one of Redis, of the way to it, of its being slow, or of its being closed. Whether a script has run is then unknown.</summary>
    public static bool Is(Exception error) => error is RedisException or TimeoutException or GateClosedException;
}
