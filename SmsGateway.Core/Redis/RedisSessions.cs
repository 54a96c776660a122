using StackExchange.Redis;

namespace SmsGateway.Core.Redis;

/// <summary>What every process asks of its connection to Redis.</summary>
public static class RedisSessions
{
    /// <summary>
    /// How long a connection may take to be answered before another is tried. A Redis that has just been started is sometimes reached before it can
    /// answer, and then never answers that connection: by the client's default nothing would be accepted or sent for 5 s.
    /// </summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);

    /// <summary>How far the patience grows with each connection in vain, for a machine that is too busy to be quick.</summary>
    private static readonly TimeSpan LongestPatience = TimeSpan.FromSeconds(5);

    /// <summary>
    /// Lets a connection that nobody answers be given up soon, and a command fail at once where there is none: by the client's default it would be
    /// kept and sent later, when its caller has long been told that the gateway is not available.
    /// </summary>
    public static void Bound(ConfigurationOptions connection)
    {
        connection.BacklogPolicy = BacklogPolicy.FailFast;
        connection.ReconnectRetryPolicy = new ExponentialRetry((int)Patience.TotalMilliseconds, (int)LongestPatience.TotalMilliseconds);
    }
}
