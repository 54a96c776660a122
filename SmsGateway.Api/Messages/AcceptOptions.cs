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
}

[OptionsValidator]
internal sealed partial class AcceptOptionsValidator : IValidateOptions<AcceptOptions>;
