namespace SmsGateway.AppHost.Infrastructure;

/// <summary>How Redis must run, natively and in a container alike: it is where a message lives until PostgreSQL has it.</summary>
internal static class RedisDurability
{
    /// <summary>
    /// <c>appendfsync always</c>: with <c>everysec</c> Redis puts off its write(2) for up to two seconds while an fsync runs in the
    /// background, yet answers; even a mere kill of the process could then lose what was answered. Commands that are waiting
    /// share one fsync, so that it costs latency more than throughput. <c>noeviction</c>: to drop a key is to lose money.
    /// </summary>
    public static readonly string[] Arguments =
    [
        "--appendonly", "yes",
        "--appendfsync", "always",
        "--maxmemory-policy", "noeviction",
        "--save", "",
        "--databases", "256",
    ];
}
