using System.ComponentModel.DataAnnotations;

using Microsoft.Extensions.Options;

using SmsGateway.Core;
using SmsGateway.Core.Schema;
using SmsGateway.Core.Settings;

namespace SmsGateway.Workers.Partitions;

/// <summary>What becomes of a partition whose time is over.</summary>
internal enum RetiredFate
{
    /// <summary>Its table moves to the schema <see cref="PartitionsOptions.ArchiveSchema"/>, where it can be read and backed up.</summary>
    Archive,

    /// <summary>Its table is dropped.</summary>
    Drop,
}

/// <summary>Section <c>Partitions</c>: how <c>sms_messages</c> is cut, and how long it is kept.</summary>
internal sealed class PartitionsOptions
{
    public const string Section = "Partitions";

    /// <summary>Until then receipts and repeated requests may still ask for a message.</summary>
    public static readonly TimeSpan ShortestRetention = TimeSpan.FromDays(7);

    /// <summary>How much time a new partition holds. Can be changed at any time: partitions that are there stay as they are, and new ones fill the gaps between them.</summary>
    [EnumDataType(typeof(PartitionInterval))]
    public PartitionInterval Interval { get; set; } = PartitionInterval.Month;

    /// <summary>How far ahead partitions are made.</summary>
    [AllowedRange(typeof(TimeSpan), "1.00:00:00", "1000.00:00:00")]
    public TimeSpan Ahead { get; set; } = TimeSpan.FromDays(62);

    /// <summary>How often partitions are seen to.</summary>
    [AllowedRange(typeof(TimeSpan), "00:00:01", "1.00:00:00")]
    public TimeSpan CheckInterval { get; set; } = TimeSpan.FromHours(1);

    /// <summary>How long messages are kept: a partition is retired once the youngest message that it can hold is older. Not set: for ever.</summary>
    [AllowedRange(typeof(TimeSpan), "7.00:00:00", "36500.00:00:00")]
    public TimeSpan? Retention { get; set; }

    /// <summary>What becomes of a retired partition.</summary>
    [EnumDataType(typeof(RetiredFate))]
    public RetiredFate Retired { get; set; } = RetiredFate.Archive;

    /// <summary>Where retired partitions are archived; made when it is first needed.</summary>
    [AllowedPattern("^[a-z_][a-z0-9_]{0,62}$", "1 to 63 of a-z, 0-9 and '_', the first no digit")]
    public string ArchiveSchema { get; set; } = "sms_archive";
}

[OptionsValidator]
internal sealed partial class PartitionsOptionsValidator : IValidateOptions<PartitionsOptions>;

/// <summary>A rebuild of Redis remembers answered requests from their messages.</summary>
internal sealed class PartitionsRules(IOptions<GatewayOptions> gateway) : IValidateOptions<PartitionsOptions>
{
    public ValidateOptionsResult Validate(string? name, PartitionsOptions options) => options.Retention < gateway.Value.IdempotencyLifetime
        ? ValidateOptionsResult.Fail(
            $"{PartitionsOptions.Section}:{nameof(options.Retention)} is {options.Retention}; allowed: at least "
            + $"{GatewayOptions.Section}:{nameof(GatewayOptions.IdempotencyLifetime)}, which is {gateway.Value.IdempotencyLifetime}")
        : ValidateOptionsResult.Success;
}
