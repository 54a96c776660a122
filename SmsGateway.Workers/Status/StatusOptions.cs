using Microsoft.Extensions.Options;

using SmsGateway.Core.Settings;

namespace SmsGateway.Workers.Status;

/// <summary>Section <c>Status</c>: how outcomes move from <c>sms_status_buffer</c> to the database.</summary>
internal sealed class StatusOptions
{
    public const string Section = "Status";

    /// <summary>Most outcomes in one claim, which is one transaction.</summary>
    [AllowedRange(1, 20_000)]
    public int BatchSize { get; set; } = 2_000;

    /// <summary>Pause after a claim that was not full: outcomes of one message that come close together become one update.</summary>
    [AllowedRange(typeof(TimeSpan), "00:00:00.001", "00:01:00")]
    public TimeSpan Linger { get; set; } = TimeSpan.FromMilliseconds(100);

    /// <summary>How long an outcome whose message is not in the database waits before it is looked at again; each further wait is as long as all before.</summary>
    [AllowedRange(typeof(TimeSpan), "00:00:00.100", "01:00:00")]
    public TimeSpan ParkInterval { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>After this time without a message an outcome is set aside as a dead letter.</summary>
    [AllowedRange(typeof(TimeSpan), "00:00:01", "7.00:00:00")]
    public TimeSpan ParkLimit { get; set; } = TimeSpan.FromHours(1);

    /// <summary>How long a message stays unknown when nothing more is learnt of it. Longer than any receipt takes, for those that come later change nothing.</summary>
    [AllowedRange(typeof(TimeSpan), "00:01:00", "90.00:00:00")]
    public TimeSpan UnknownLimit { get; set; } = TimeSpan.FromDays(3);

    /// <summary>As what it ends then.</summary>
    public UnknownEnd UnknownEnd { get; set; } = UnknownEnd.Undelivered;
}

/// <summary>What becomes of a message of which nobody will ever know whether its provider had it.</summary>
internal enum UnknownEnd
{
    /// <summary>It is paid: the provider may have sent it, and charges for it.</summary>
    Undelivered,

    /// <summary>It is refunded: the operator bears the doubt.</summary>
    Failed,
}

[OptionsValidator]
internal sealed partial class StatusOptionsValidator : IValidateOptions<StatusOptions>;
