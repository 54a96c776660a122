namespace SmsGateway.Load.Stack;

/// <summary>Settings of the AppHost for cases in which messages go all the way to their receipt.</summary>
internal static class WholePath
{
    /// <summary>What of it uses processor time.</summary>
    public static readonly IReadOnlyList<string> Parts = ["edge", "api-1", "redis", "workers", "postgres", "simulator"];

    /// <summary>
    /// One process of each kind, for they share two processors. The provider takes as many requests at once as the gateway has messages, and posts
    /// a receipt when the message is delivered, not also when it is sent.
    /// </summary>
    public static readonly IReadOnlyList<string> Settings =
    [
        "--Api:Replicas=1", "--Workers:Replicas=1",
        "--ServiceEnvironment:Dispatch__Slots=1024",
        "--ServiceEnvironment:Providers__0__MaxConcurrency=512",
        "--ServiceEnvironment:Simulator__Faults__Numbers__0__Prefix=+4477009",
        "--ServiceEnvironment:Simulator__Faults__Numbers__0__Receipts=SentLost",
    ];
}
