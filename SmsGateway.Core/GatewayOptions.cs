using Microsoft.Extensions.Options;

using SmsGateway.Core.Settings;

namespace SmsGateway.Core;

/// <summary>Section <c>Gateway</c>: what the API and the workers must agree upon.</summary>
public sealed class GatewayOptions
{
    public const string Section = "Gateway";

    /// <summary>Number of Redis shards. An account lives in shard <c>user_id mod Shards</c>; changing it needs a Redis that is drained and rebuilt.</summary>
    [AllowedRange(1, 1024)]
    public int Shards { get; set; } = 1;

    /// <summary>
    /// How far ahead a message can be scheduled, and so how far back a rebuild of Redis looks for messages that are not sent. Lower it
    /// only when the messages that were scheduled further ahead are sent.
    /// </summary>
    [AllowedRange(typeof(TimeSpan), "00:01:00", "365.00:00:00")]
    public TimeSpan LongestSchedule { get; set; } = TimeSpan.FromDays(30);

    /// <summary>How long a repeated request is recognised; also how far back a rebuild of Redis looks for requests to remember.</summary>
    [AllowedRange(typeof(TimeSpan), "00:01:00", "30.00:00:00")]
    public TimeSpan IdempotencyLifetime { get; set; } = TimeSpan.FromHours(24);
}

[OptionsValidator]
public sealed partial class GatewayOptionsValidator : IValidateOptions<GatewayOptions>;
