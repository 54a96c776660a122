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

    /// <summary>Stable name in the callback URL.</summary>
    [Required(ErrorMessage = "Providers: every provider needs a Name")]
    public string Name { get; set; } = "";

    /// <summary>The protocol.</summary>
    public string Kind { get; set; } = Twilio;

    /// <summary>The secret that signs. Never printed.</summary>
    public string AuthToken { get; set; } = "";
}

[OptionsValidator]
internal sealed partial class ReceiptProvidersValidator : IValidateOptions<ReceiptProviders>;
