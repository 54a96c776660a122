using Microsoft.Extensions.Options;

using SmsGateway.Core.Settings;

namespace SmsGateway.Workers.Ingest;

/// <summary>Section <c>Ingest</c>: how messages move from the Redis buffer to the database.</summary>
internal sealed class IngestOptions
{
    public const string Section = "Ingest";

    /// <summary>Most messages in one claim, which is one transaction.</summary>
    [AllowedRange(1, 20_000)]
    public int BatchSize { get; set; } = 5_000;

    /// <summary>Claims under way at once in this worker: while one waits for the database, another is read from Redis.</summary>
    [AllowedRange(1, 16)]
    public int Parallelism { get; set; } = 2;

    /// <summary>Pause after a claim that was not full: it lets messages gather, so that the database sees fewer, larger transactions.</summary>
    [AllowedRange(typeof(TimeSpan), "00:00:00.001", "00:01:00")]
    public TimeSpan Linger { get; set; } = TimeSpan.FromMilliseconds(50);

    /// <summary>How long the fence of a claim that has landed is kept.</summary>
    [AllowedRange(typeof(TimeSpan), "01:00:00", "365.00:00:00")]
    public TimeSpan FenceRetention { get; set; } = TimeSpan.FromDays(7);
}

[OptionsValidator]
internal sealed partial class IngestOptionsValidator : IValidateOptions<IngestOptions>;
