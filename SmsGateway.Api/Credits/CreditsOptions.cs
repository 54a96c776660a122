using Microsoft.Extensions.Options;

using SmsGateway.Core.Settings;

namespace SmsGateway.Api.Credits;

/// <summary>The bounds of top-ups: section <c>Credits</c>.</summary>
[SharedSection("DriftAccounts", "DriftInterval", "SyncInterval")]
internal sealed class CreditsOptions
{
    public const string Section = "Credits";

    /// <summary>Most credits in one top-up: a slip of the finger has an end.</summary>
    [AllowedRange(1, 1_000_000_000)]
    public int LargestTopUpCredits { get; set; } = 100_000_000;
}

[OptionsValidator]
internal sealed partial class CreditsOptionsValidator : IValidateOptions<CreditsOptions>;
