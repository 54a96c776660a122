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

    /// <summary>How long an outcome whose message is not in the database waits before it is looked at again.</summary>
    [AllowedRange(typeof(TimeSpan), "00:00:00.100", "01:00:00")]
    public TimeSpan ParkInterval { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>After this time without a message an outcome is set aside as a dead letter.</summary>
    [AllowedRange(typeof(TimeSpan), "00:00:01", "7.00:00:00")]
    public TimeSpan ParkLimit { get; set; } = TimeSpan.FromHours(1);
}

[OptionsValidator]
internal sealed partial class StatusOptionsValidator : IValidateOptions<StatusOptions>;
