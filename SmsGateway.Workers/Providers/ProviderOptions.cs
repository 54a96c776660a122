using Microsoft.Extensions.Options;

using SmsGateway.Core.Settings;
using SmsGateway.Workers.Providers.Http;

namespace SmsGateway.Workers.Providers;

/// <summary>The upstream providers: section <c>Providers</c>, a list.</summary>
internal sealed class ProvidersOptions
{
    public const string Section = "Providers";

    [ValidateEnumeratedItems]
    public List<ProviderOptions> Providers { get; } = [];
}

/// <summary>One upstream provider.</summary>
internal sealed class ProviderOptions
{
    public const string Twilio = "twilio";
    public const string HttpKind = "http";

    /// <summary>Stable name in outcomes, metrics and the callback URL: lower-case letters, digits and dashes.</summary>
    public string Name { get; set; } = "";

    /// <summary>The protocol: <c>twilio</c>, or <c>http</c>, which <see cref="Http"/> describes.</summary>
    public string Kind { get; set; } = Twilio;

    /// <summary>Whether messages may go to it.</summary>
    public bool Enabled { get; set; } = true;

    /// <summary>Where its API is; the path of the protocol is appended.</summary>
    public Uri? Address { get; set; }

    /// <summary>Twilio: the account that pays; the name in basic auth.</summary>
    public string AccountSid { get; set; } = "";

    /// <summary>
    /// Twilio: the password in basic auth, which also signs the receipts. Http: what <c>{secret}</c> stands for, by which receipts are known to be
    /// genuine. A secret: never printed.
    /// </summary>
    public string AuthToken { get; set; } = "";

    /// <summary>The sender of messages that name none. Twilio: either this or <see cref="MessagingServiceSid"/>.</summary>
    public string? From { get; set; }

    /// <summary>Twilio: the service that picks the sender of messages that name none.</summary>
    public string? MessagingServiceSid { get; set; }

    /// <summary>
    /// The beginnings of the numbers that it serves, in E.164 with the plus sign; none: all numbers. A number goes to the provider with the
    /// longest prefix that fits.
    /// </summary>
    public List<string> Prefixes { get; } = [];

    /// <summary>Of providers whose prefix fits equally well the lowest is asked first.</summary>
    [AllowedRange(-1000, 1000)]
    public int Order { get; set; }

    /// <summary>What a segment costs the operator, in credits. Of providers of the same order the cheapest is asked first.</summary>
    [AllowedRange(typeof(decimal), "0", "1000000")]
    public decimal Cost { get; set; }

    /// <summary>Messages that the contract allows in any second, of all workers together; null: as many as it takes.</summary>
    [AllowedRange(1, 100_000)]
    public int? MessagesPerSecond { get; set; }

    /// <summary>
    /// How much longer one request may take to reach the provider than another. The larger it is, the further below
    /// <see cref="MessagesPerSecond"/> the gateway stays (<see cref="RateContract"/>).
    /// </summary>
    [AllowedRange(typeof(TimeSpan), "00:00:00", "00:00:05")]
    public TimeSpan RateJitter { get; set; } = TimeSpan.FromMilliseconds(100);

    /// <summary>Requests to the provider at one time, from this worker; also its bound of connections.</summary>
    [AllowedRange(1, 4096)]
    public int MaxConcurrency { get; set; } = 64;

    /// <summary>When an attempt is given up; what has left by then may have been taken.</summary>
    [AllowedRange(typeof(TimeSpan), "00:00:00.050", "00:02:00")]
    public TimeSpan AttemptTimeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// Whether the provider promises that a request repeated with the same key sends nothing twice. Then an attempt with unknown
    /// outcome is repeated; otherwise never.
    /// </summary>
    public bool HonoursIdempotencyKey { get; set; }

    /// <summary>Of the kind <c>http</c>: how it is asked, and how its answers are read.</summary>
    public HttpTemplateOptions Http { get; set; } = new();

    /// <summary>When the provider is left alone.</summary>
    [ValidateObjectMembers]
    public BreakerOptions Breaker { get; set; } = new();
}

/// <summary>
/// The circuit breaker of a provider: it opens when too many attempts in its window failed, and closes after one probe succeeds.
/// </summary>
internal sealed class BreakerOptions
{
    private const int ProbeParts = 10;

    // 1, 2, 4 and 8 tenths.
    private const int ProbesUntilBreak = 4;

    /// <summary>Failed attempts, as a share of all in the window, at which it opens.</summary>
    [AllowedRange(0.01, 1.0)]
    public double FailureRatio { get; set; } = 0.5;

    /// <summary>Attempts that the window must hold before it can open.</summary>
    [AllowedRange(2, 100_000)]
    public int MinimumAttempts { get; set; } = 10;

    /// <summary>How far back attempts count.</summary>
    [AllowedRange(typeof(TimeSpan), "00:00:00.500", "01:00:00")]
    public TimeSpan Window { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// How long nothing is sent before the first probe. One that fails may do so by the fault of its message, so the next one follows after a
    /// tenth of this, and then after twice as long each time until it is as long again.
    /// </summary>
    [AllowedRange(typeof(TimeSpan), "00:00:00.500", "01:00:00")]
    public TimeSpan Break { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>How long nothing is sent after so many probes have failed.</summary>
    internal TimeSpan BreakAfter(int failedProbes) => failedProbes switch
    {
        0 or > ProbesUntilBreak => Break,
        _ => Break / ProbeParts * (1 << (failedProbes - 1)),
    };
}
