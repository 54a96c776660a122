using System.ComponentModel.DataAnnotations;

using Microsoft.Extensions.Options;

namespace SmsGateway.Api.Receipts;

/// <summary>What receipts need of the section <c>Providers</c>, which the workers own.</summary>
internal sealed class ReceiptProviders
{
    public const string Section = "Providers";

    [ValidateEnumeratedItems]
    public List<ReceiptProvider> Providers { get; } = [];
}

/// <summary>One provider as the receipt endpoint knows it.</summary>
internal sealed class ReceiptProvider
{
    public const string Twilio = "twilio";
    public const string HttpKind = "http";

    /// <summary>Stable name in the callback URL.</summary>
    [Required(ErrorMessage = "Providers: every provider needs a Name")]
    public string Name { get; set; } = "";

    /// <summary>The protocol.</summary>
    public string Kind { get; set; } = Twilio;

    /// <summary>The secret that signs. Never printed.</summary>
    public string AuthToken { get; set; } = "";

    /// <summary>Of the kind <c>http</c>: how its receipts are read.</summary>
    public HttpReceiptOptions Receipt { get; set; } = new();
}

/// <summary>What the statuses of receipts can mean.</summary>
internal sealed class ReceiptProvidersRules : IValidateOptions<ReceiptProviders>
{
    private static readonly string[] Allowed = ["sent", "delivered", "undelivered", "failed"];

    public ValidateOptionsResult Validate(string? name, ReceiptProviders options)
    {
        var errors = new ValidateOptionsResultBuilder();
        foreach (var (provider, place) in options.Providers.Select((provider, place) => (provider, place)))
        {
            foreach (var (status, state) in provider.Receipt.Statuses.Where(pair => !Allowed.Contains(pair.Value)))
            {
                errors.AddError($"{ReceiptProviders.Section}:{place}:Receipt:Statuses:{status} is '{state}'; allowed: {string.Join(", ", Allowed)}");
            }
        }

        return errors.Build();
    }
}

/// <summary>The attributes on the properties.</summary>
[OptionsValidator]
internal sealed partial class ReceiptProvidersValidator : IValidateOptions<ReceiptProviders>;
