using Microsoft.Extensions.Options;

using SmsGateway.Core.Settings;

namespace SmsGateway.Workers.Watchdog;

/// <summary>Section <c>Watchdog</c>: how long something may wait where it is before that is an alarm.</summary>
internal sealed class WatchdogOptions
{
    public const string Section = "Watchdog";

    private const string Shortest = "00:00:01";
    private const string Longest = "30.00:00:00";

    /// <summary>How often this worker looks.</summary>
    [AllowedRange(typeof(TimeSpan), "00:00:00.100", "01:00:00")]
    public TimeSpan Interval { get; set; } = TimeSpan.FromSeconds(15);

    /// <summary>Accepted, on its way to the database.</summary>
    [AllowedRange(typeof(TimeSpan), Shortest, Longest)]
    public TimeSpan Buffered { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>In a claim of ingest or of the status flush.</summary>
    [AllowedRange(typeof(TimeSpan), Shortest, Longest)]
    public TimeSpan Claimed { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>Stored, may be sent, not sent.</summary>
    [AllowedRange(typeof(TimeSpan), Shortest, Longest)]
    public TimeSpan Queued { get; set; } = TimeSpan.FromMinutes(15);

    /// <summary>In the scheduled set beyond its time.</summary>
    [AllowedRange(typeof(TimeSpan), Shortest, Longest)]
    public TimeSpan Overdue { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>Sent, without a receipt.</summary>
    [AllowedRange(typeof(TimeSpan), Shortest, Longest)]
    public TimeSpan Sent { get; set; } = TimeSpan.FromDays(1);

    /// <summary>With an outcome that is not known.</summary>
    [AllowedRange(typeof(TimeSpan), Shortest, Longest)]
    public TimeSpan Unknown { get; set; } = TimeSpan.FromHours(1);

    /// <summary>An outcome on its way to the database.</summary>
    [AllowedRange(typeof(TimeSpan), Shortest, Longest)]
    public TimeSpan Outcomes { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>A webhook that is due and that nobody makes.</summary>
    [AllowedRange(typeof(TimeSpan), Shortest, Longest)]
    public TimeSpan Webhooks { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>A dead letter that nobody has looked after.</summary>
    [AllowedRange(typeof(TimeSpan), Shortest, Longest)]
    public TimeSpan DeadLetters { get; set; } = TimeSpan.FromHours(1);

    /// <summary>How long something may wait there.</summary>
    public TimeSpan LimitOf(Place place) => place switch
    {
        Place.Buffered => Buffered,
        Place.IngestClaimed or Place.StatusClaimed => Claimed,
        Place.Queued => Queued,
        Place.Overdue => Overdue,
        Place.Sent => Sent,
        Place.Unknown => Unknown,
        Place.Outcome => Outcomes,
        Place.Webhook => Webhooks,
        Place.DeadLetter => DeadLetters,
        _ => throw new ArgumentOutOfRangeException(nameof(place), place, "unknown place"),
    };
}

[OptionsValidator]
internal sealed partial class WatchdogOptionsValidator : IValidateOptions<WatchdogOptions>;
