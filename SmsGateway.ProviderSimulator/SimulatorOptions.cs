using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace SmsGateway.ProviderSimulator;

/// <summary>The one account that the simulator knows: section <c>Twilio</c>.</summary>
internal sealed class TwilioAccountOptions
{
    public const string Section = "Twilio";

    /// <summary>Name in basic auth and in the path.</summary>
    [Required]
    public string AccountSid { get; set; } = "";

    /// <summary>Password in basic auth and the key that signs receipts.</summary>
    [Required]
    public string AuthToken { get; set; } = "";
}

[OptionsValidator]
internal sealed partial class TwilioAccountOptionsValidator : IValidateOptions<TwilioAccountOptions>;

/// <summary>Bounds of the simulator, fixed at start: section <c>Simulator</c>.</summary>
internal sealed class SimulatorOptions
{
    public const string Section = "Simulator";

    /// <summary>Accepted messages that are remembered, ~100 bytes each; a new one then overwrites the oldest.</summary>
    [Range(1, 20_000_000)]
    public int MessageLogCapacity { get; set; } = 2_000_000;

    /// <summary>File that keeps accepted messages, their idempotency tokens and receipts beyond the process; not set: nothing outlives it.</summary>
    public string? Journal { get; set; }

    /// <summary>Messages with receipts still to post; above it the receipts of a new message are dropped and counted.</summary>
    [Range(1, 10_000_000)]
    public int ReceiptQueueCapacity { get; set; } = 500_000;

    /// <summary>Receipts being posted at the same time, each on a connection that is kept alive.</summary>
    [Range(1, 4096)]
    public int ReceiptConcurrency { get; set; } = 128;

    /// <summary>A receiver that takes longer counts as failed.</summary>
    [Range(typeof(TimeSpan), "00:00:00.010", "00:05:00")]
    public TimeSpan ReceiptTimeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>Posts of one receipt before it is given up; only 5xx, timeouts and broken connections are tried again.</summary>
    [Range(1, 20)]
    public int ReceiptAttempts { get; set; } = 4;

    /// <summary>Wait before the second post; doubles with each further one.</summary>
    [Range(typeof(TimeSpan), "00:00:00.001", "00:10:00")]
    public TimeSpan ReceiptBackoff { get; set; } = TimeSpan.FromMilliseconds(250);

    /// <summary>Longest time that a hanging answer holds its connection.</summary>
    [Range(typeof(TimeSpan), "00:00:00.100", "01:00:00")]
    public TimeSpan HangLimit { get; set; } = TimeSpan.FromMinutes(5);
}

[OptionsValidator]
internal sealed partial class SimulatorOptionsValidator : IValidateOptions<SimulatorOptions>;
