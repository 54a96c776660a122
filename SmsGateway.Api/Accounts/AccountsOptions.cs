using Microsoft.Extensions.Options;

using SmsGateway.Core.Settings;

namespace SmsGateway.Api.Accounts;

/// <summary>How keys are cached and their changes learnt: section <c>Accounts</c>.</summary>
internal sealed class AccountsOptions
{
    public const string Section = "Accounts";

    /// <summary>How often changes of keys and accounts are asked for; bounds how long a revoked key still works.</summary>
    [AllowedRange(typeof(TimeSpan), "00:00:00.050", "00:00:10")]
    public TimeSpan PollInterval { get; set; } = TimeSpan.FromMilliseconds(500);

    /// <summary>
    /// How far back each poll looks again: longer than any transaction that changes keys, since its rows carry the time of its start.
    /// </summary>
    [AllowedRange(typeof(TimeSpan), "00:00:01", "00:10:00")]
    public TimeSpan PollOverlap { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>Unknown keys remembered as such; when there are more, all are forgotten.</summary>
    [AllowedRange(100, 1_000_000)]
    public int UnknownKeys { get; set; } = 10_000;

    /// <summary>How long an unknown key is remembered as such; a new key is learnt by the poll long before.</summary>
    [AllowedRange(typeof(TimeSpan), "00:00:01", "00:10:00")]
    public TimeSpan UnknownKeyLife { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>Look-ups in the database at one time: a flood of made-up keys cannot take its connections.</summary>
    [AllowedRange(1, 64)]
    public int ConcurrentLookups { get; set; } = 8;

    /// <summary>
    /// Keys whose look-up is under way or waits for its turn; what comes on top is answered 503 at once. A flood of made-up keys fills it
    /// when the database is slow or away; callers whose key is cached do not notice.
    /// </summary>
    [AllowedRange(1, 1_000_000)]
    public int WaitingLookups { get; set; } = 1_000;

    /// <summary>How long a request waits for a look-up before it is answered 503.</summary>
    [AllowedRange(typeof(TimeSpan), "00:00:00.100", "00:00:30")]
    public TimeSpan LookupTimeout { get; set; } = TimeSpan.FromSeconds(2);
}

[OptionsValidator]
internal sealed partial class AccountsOptionsValidator : IValidateOptions<AccountsOptions>;
