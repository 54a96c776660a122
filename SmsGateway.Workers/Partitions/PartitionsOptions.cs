using System.ComponentModel.DataAnnotations;

using Microsoft.Extensions.Options;

using SmsGateway.Core.Schema;
using SmsGateway.Core.Settings;

namespace SmsGateway.Workers.Partitions;

/// <summary>Section <c>Partitions</c>: how <c>sms_messages</c> is cut.</summary>
internal sealed class PartitionsOptions
{
    public const string Section = "Partitions";

    /// <summary><c>Month</c>, <c>Day</c> or <c>Year</c>.</summary>
    [EnumDataType(typeof(PartitionInterval))]
    public PartitionInterval Interval { get; set; } = PartitionInterval.Month;

    /// <summary>How far ahead partitions are made.</summary>
    [AllowedRange(typeof(TimeSpan), "1.00:00:00", "1000.00:00:00")]
    public TimeSpan Ahead { get; set; } = TimeSpan.FromDays(62);

    /// <summary>How often that is seen to.</summary>
    [AllowedRange(typeof(TimeSpan), "00:00:01", "1.00:00:00")]
    public TimeSpan CheckInterval { get; set; } = TimeSpan.FromHours(1);
}

[OptionsValidator]
internal sealed partial class PartitionsOptionsValidator : IValidateOptions<PartitionsOptions>;
