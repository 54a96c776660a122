using Microsoft.Extensions.Options;

using SmsGateway.Core.Settings;

namespace SmsGateway.Workers.Dispatch;

/// <summary>How messages are handed to providers: section <c>Dispatch</c>.</summary>
internal sealed class DispatchOptions
{
    public const string Section = "Dispatch";

    /// <summary>
    /// Messages that this worker may hold at one time, from the claim until their outcome is written. Also bounds what may have been sent
    /// when it dies. When all are taken nothing is claimed.
    /// </summary>
    [AllowedRange(1, 10_000)]
    public int Slots { get; set; } = 256;

    /// <summary>Messages of one account claimed before it is the next account's turn.</summary>
    [AllowedRange(1, 1000)]
    public int Quantum { get; set; } = 16;

    /// <summary>Every so many claims normal messages are served before express ones, so that express cannot starve them.</summary>
    [AllowedRange(2, 1000)]
    public int NormalTurn { get; set; } = 10;

    /// <summary>
    /// Messages a second that this worker may claim in vain, and give back, while providers of a part of the numbers can take none. The
    /// higher it is, the faster messages for other numbers pass those that wait.
    /// </summary>
    [AllowedRange(1, 10_000)]
    public int DetoursPerSecond { get; set; } = 500;

    /// <summary>Pause between claims while there is work: what becomes free meanwhile is filled by one script call.</summary>
    [AllowedRange(typeof(TimeSpan), "00:00:00.001", "00:00:01")]
    public TimeSpan ClaimDelay { get; set; } = TimeSpan.FromMilliseconds(5);

    /// <summary>Pause after a claim that found nothing.</summary>
    [AllowedRange(typeof(TimeSpan), "00:00:00.001", "00:00:10")]
    public TimeSpan IdleDelay { get; set; } = TimeSpan.FromMilliseconds(20);

    /// <summary>How long an outcome waits for others, to be written with them by one script call.</summary>
    [AllowedRange(typeof(TimeSpan), "00:00:00.001", "00:00:01")]
    public TimeSpan WriteDelay { get; set; } = TimeSpan.FromMilliseconds(5);

    /// <summary>Times that providers are asked to take a message before it fails.</summary>
    [AllowedRange(1, 100)]
    public int MaxAttempts { get; set; } = 8;

    /// <summary>Longest wait after the first attempt; it doubles with each further one, and the wait is a random part of it.</summary>
    [AllowedRange(typeof(TimeSpan), "00:00:00.010", "01:00:00")]
    public TimeSpan RetryBase { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>Longest wait after any attempt.</summary>
    [AllowedRange(typeof(TimeSpan), "00:00:00.010", "1.00:00:00")]
    public TimeSpan RetryCap { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>Seed of the random parts; null: chosen at start, and logged.</summary>
    public int? JitterSeed { get; set; }

    /// <summary>How often messages whose time has come are looked for.</summary>
    [AllowedRange(typeof(TimeSpan), "00:00:00.010", "00:01:00")]
    public TimeSpan PromoteInterval { get; set; } = TimeSpan.FromMilliseconds(100);

    /// <summary>Due messages moved by one script call, which blocks Redis meanwhile; repeated while there are more.</summary>
    [AllowedRange(1, 10_000)]
    public int PromoteBatch { get; set; } = 1000;

    /// <summary>How long a stopping worker waits for attempts under way.</summary>
    [AllowedRange(typeof(TimeSpan), "00:00:00", "00:05:00")]
    public TimeSpan DrainTimeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>When a call to Redis counts as failed; whether it ran is then unknown.</summary>
    [AllowedRange(typeof(TimeSpan), "00:00:00.100", "00:01:00")]
    public TimeSpan RedisTimeout { get; set; } = TimeSpan.FromSeconds(3);
}

/// <summary>The ranges on the properties.</summary>
[OptionsValidator]
internal sealed partial class DispatchOptionsValidator : IValidateOptions<DispatchOptions>;

/// <summary>What must hold between two settings.</summary>
internal sealed class DispatchRules : IValidateOptions<DispatchOptions>
{
    public ValidateOptionsResult Validate(string? name, DispatchOptions options)
    {
        var errors = new ValidateOptionsResultBuilder();
        if (options.RetryBase > options.RetryCap)
        {
            errors.AddError($"{DispatchOptions.Section}:{nameof(options.RetryBase)} is {options.RetryBase} and "
                + $"{nameof(options.RetryCap)} is {options.RetryCap}; the first wait must not be longer than the longest");
        }

        if (options.ClaimDelay > options.IdleDelay)
        {
            errors.AddError($"{DispatchOptions.Section}:{nameof(options.ClaimDelay)} is {options.ClaimDelay} and "
                + $"{nameof(options.IdleDelay)} is {options.IdleDelay}; "
                + "the pause between claims must not be longer than the one after a claim that found nothing");
        }

        return errors.Build();
    }
}
