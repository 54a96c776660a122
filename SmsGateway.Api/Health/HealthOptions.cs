using Microsoft.Extensions.Options;

using SmsGateway.Core.Settings;

namespace SmsGateway.Api.Health;

/// <summary>Section <c>Health</c>: from when on something needs a look.</summary>
internal sealed class HealthOptions
{
    public const string Section = "Health";

    /// <summary>Workers that should live; fewer are a reason for a look.</summary>
    [AllowedRange(1, 10_000)]
    public int Workers { get; set; } = 1;

    /// <summary>How long an accepted message may wait for the database before that is a reason for a look.</summary>
    [AllowedRange(typeof(TimeSpan), "00:00:01", "1.00:00:00")]
    public TimeSpan BufferAge { get; set; } = TimeSpan.FromSeconds(30);
}

[OptionsValidator]
internal sealed partial class HealthOptionsValidator : IValidateOptions<HealthOptions>;
