using StackExchange.Redis;

namespace SmsGateway.Core.Redis;

/// <summary>What every process asks of its connection to Redis.</summary>
public static class RedisSessions
{
    /// <summary>
    /// How long the client waits after a connection that came to nothing. A Redis that has just been started is often reached while it still loads
    /// its data; it breaks off such a connection, and a moment later would serve the next. By the client's default nothing would be accepted or sent for 6 s.
    /// </summary>
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(500);

    /// <summary>How far the pause grows with each connection in vain, for a machine that is too busy to be quick.</summary>
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(5);

    /// <summary>
    /// Lets the client try again soon, and a command fail at once where there is no connection: by the client's default it would be kept and sent later,
    /// when its caller has long been told that the gateway is not available.
    /// </summary>
    public static void Bound(ConfigurationOptions connection)
    {
        connection.BacklogPolicy = BacklogPolicy.FailFast;
        connection.ReconnectRetryPolicy = new ExponentialRetry((int)FirstPause.TotalMilliseconds, (int)LongestPause.TotalMilliseconds);
    }
}
