using StackExchange.Redis;

namespace SmsGateway.Core.Redis;

/// <summary>Tells failures of Redis from mistakes of ours.</summary>
public static class RedisFailure
{
    /// <summary>The client's own transport.</summary>
    private const string Transport = "RESPite";

    /// <summary>Whether an error is one of Redis, of the way to it, of its being slow, or of its being closed. Whether a script has run is then unknown.</summary>
    public static bool Is(Exception error) => error is RedisException or TimeoutException or GateClosedException || IsOfBrokenConnection(error);

    /// <summary>
    /// What the client throws at a command that meets the connection while it breaks is none of the client's own kinds: whatever its transport says
    /// of the pipe, or a cancellation that nobody has asked for.
    /// </summary>
    private static bool IsOfBrokenConnection(Exception error) =>
        error.Source == Transport || error is OperationCanceledException { CancellationToken.IsCancellationRequested: false };
}
