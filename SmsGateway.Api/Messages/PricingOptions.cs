using System.ComponentModel.DataAnnotations;

using Microsoft.Extensions.Options;

using SmsGateway.Core.Money;
using SmsGateway.Core.Settings;

namespace SmsGateway.Api.Messages;

/// <summary>What messages cost: section <c>Pricing</c>. All prices are minor units a segment (10,000 are one credit).</summary>
internal sealed class PricingOptions
{
    public const string Section = "Pricing";
    public const int HighestPriceUnits = 1_000_000_000;

    /// <summary>The price where no prefix matches.</summary>
    [AllowedRange(1, HighestPriceUnits)]
    public int SegmentPriceUnits { get; set; } = (int)(Amount.UnitsPerCredit / 10);

    /// <summary>How much dearer express messages are.</summary>
    [AllowedRange(1, 100)]
    public int ExpressMultiplier { get; set; } = 2;

    /// <summary>Prices by destination; the longest prefix that matches counts.</summary>
    [ValidateEnumeratedItems]
    public List<PrefixPrice> Prefixes { get; set; } = [];

    /// <summary>A file of more such prices (<see cref="PriceFile"/>), read at the start; none, if left out.</summary>
    public string? File { get; set; }

    /// <summary>Those that are configured, then those of the file.</summary>
    public IEnumerable<PrefixPrice> AllPrefixes() => string.IsNullOrEmpty(File) ? Prefixes : Prefixes.Concat(PriceFile.Read(File));
}

/// <summary>The price of one destination.</summary>
internal sealed class PrefixPrice
{
    /// <summary>The first digits of the number, with its country code and without its plus sign.</summary>
    [Required, AllowedPattern("[1-9][0-9]{0,14}", "1 to 15 digits of which the first is not 0")]
    public string Prefix { get; set; } = "";

    /// <summary>What a segment to it costs, in minor units.</summary>
    [AllowedRange(1, PricingOptions.HighestPriceUnits)]
    public int PriceUnits { get; set; }
}

[OptionsValidator]
internal sealed partial class PricingOptionsValidator : IValidateOptions<PricingOptions>;

/// <summary>One price for each destination.</summary>
internal sealed class PricingRules : IValidateOptions<PricingOptions>
{
    public ValidateOptionsResult Validate(string? name, PricingOptions options)
    {
        var errors = new ValidateOptionsResultBuilder();
        var seen = new Dictionary<string, int>();
        try
        {
            foreach (var price in options.AllPrefixes())
            {
                if (!seen.TryAdd(price.Prefix, price.PriceUnits))
                {
                    errors.AddError(
                        $"Pricing has the prefix {price.Prefix} twice, at {seen[price.Prefix]} and at {price.PriceUnits} units; prefixes must differ");
                }
            }
        }
        catch (Exception unreadable) when (unreadable is FormatException or IOException or UnauthorizedAccessException)
        {
            errors.AddError($"Pricing:File: {unreadable.Message}");
        }

        return errors.Build();
    }
}
