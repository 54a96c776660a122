using System.Net;

using Microsoft.Extensions.Options;

using SmsGateway.Core.Settings;

namespace SmsGateway.Workers.Webhooks;

/// <summary>Which addresses of customers are called.</summary>
internal enum WebhookTransport
{
    /// <summary>https only.</summary>
    Https,

    /// <summary>http too, where anybody on the way can read and change what is told.</summary>
    HttpAndHttps,
}

/// <summary>Section <c>Webhooks</c>: how customers are told what became of their messages.</summary>
internal sealed class WebhookOptions
{
    public const string Section = "Webhooks";

    /// <summary>Whether addresses must be https.</summary>
    public WebhookTransport Transport { get; set; } = WebhookTransport.Https;

    /// <summary>
    /// Networks inside which customers may be called although they are not public, such as <c>10.1.0.0/16</c>; none by default. Others that are
    /// private, local or reserved are never called.
    /// </summary>
    public List<string> AllowedNetworks { get; } = [];

    /// <summary>Calls under way at once in this worker.</summary>
    [AllowedRange(2, 1_024)]
    public int Concurrency { get; set; } = 64;

    /// <summary>Calls under way at once to one host of one account; one where the last failed or was slow.</summary>
    [AllowedRange(1, 64)]
    public int LaneConcurrency { get; set; } = 4;

    /// <summary>How long one call may take, from the look-up of the name to the head of the answer.</summary>
    [AllowedRange(typeof(TimeSpan), "00:00:00.100", "00:00:25")]
    public TimeSpan AttemptTimeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>After an answer that took longer, the host gets one call at a time.</summary>
    [AllowedRange(typeof(TimeSpan), "00:00:00.100", "00:00:25")]
    public TimeSpan SlowAnswer { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>How often the outbox is looked at while nothing in it is due.</summary>
    [AllowedRange(typeof(TimeSpan), "00:00:00.010", "00:01:00")]
    public TimeSpan PollInterval { get; set; } = TimeSpan.FromMilliseconds(250);

    /// <summary>The wait after the first failure; each further one is four times as long, up to <see cref="LongestRetry"/>, all with jitter.</summary>
    [AllowedRange(typeof(TimeSpan), "00:00:00.010", "01:00:00")]
    public TimeSpan FirstRetry { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>The longest wait between two calls.</summary>
    [AllowedRange(typeof(TimeSpan), "00:00:00.010", "1.00:00:00")]
    public TimeSpan LongestRetry { get; set; } = TimeSpan.FromHours(8);

    /// <summary>An event that would be told again later than so long after its first call is given up.</summary>
    [AllowedRange(typeof(TimeSpan), "00:00:01", "30.00:00:00")]
    public TimeSpan RetryWindow { get; set; } = TimeSpan.FromDays(2);

    /// <summary>How long events that are done, or given up, are kept.</summary>
    [AllowedRange(typeof(TimeSpan), "01:00:00", "365.00:00:00")]
    public TimeSpan Retention { get; set; } = TimeSpan.FromDays(7);
}

[OptionsValidator]
internal sealed partial class WebhookOptionsValidator : IValidateOptions<WebhookOptions>;

/// <summary>The rules that an attribute cannot tell.</summary>
internal sealed class WebhookRules : IValidateOptions<WebhookOptions>
{
    public ValidateOptionsResult Validate(string? name, WebhookOptions options)
    {
        var errors = options.AllowedNetworks
            .Select((network, index) => (network, index)).Where(entry => !IPNetwork.TryParse(entry.network, out _))
            .Select(entry => $"Webhooks:AllowedNetworks:{entry.index} is '{entry.network}'; allowed: a network such as 10.1.0.0/16 or fd00:1::/32")
            .ToList();
        if (!Enum.IsDefined(options.Transport))
        {
            errors.Add($"Webhooks:Transport is {options.Transport}; allowed: {string.Join(", ", Enum.GetNames<WebhookTransport>())}");
        }

        if (options.LongestRetry < options.FirstRetry)
        {
            errors.Add($"Webhooks:LongestRetry is {options.LongestRetry}; allowed: at least Webhooks:FirstRetry, {options.FirstRetry}");
        }

        return errors.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(errors);
    }
}
