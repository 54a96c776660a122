using Microsoft.Extensions.Options;

using SmsGateway.Core.Settings;

namespace SmsGateway.Api.Messages;

/// <summary>The bounds of the accept path: section <c>Accept</c>.</summary>
internal sealed class AcceptOptions
{
    public const string Section = "Accept";

    /// <summary>Messages that a Redis shard may hold; when it is full, sends are answered 503. About 1 KiB of Redis' memory each.</summary>
    [AllowedRange(1, 100_000_000)]
    public int BacklogLimit { get; set; } = 2_000_000;

    /// <summary>
    /// Bulk requests that a replica reads and charges at one time; others wait for their turn, and are answered 503 when that takes longer than
    /// <see cref="RedisOptions.Timeout"/>. Each may take some 50 MB for a moment.
    /// </summary>
    [AllowedRange(1, 64)]
    public int ConcurrentBulks { get; set; } = 2;
}

[OptionsValidator]
internal sealed partial class AcceptOptionsValidator : IValidateOptions<AcceptOptions>;
