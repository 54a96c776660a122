using Microsoft.Extensions.Options;

namespace SmsGateway.Api.Messages;

/// <summary>
/// Numbers of handsets in E.164: a plus sign and 7 to 15 digits of which the first is not 0 (ITU-T E.164, section 6.2.1).
/// </summary>
internal sealed class PhoneNumbers(IOptions<NumbersOptions> options)
{
    /// <summary>E.164 for the schema.</summary>
    public const string Pattern = "^\\+[1-9][0-9]{6,14}$";

    private const int FewestDigits = 7;
    private const int MostDigits = 15;

    private readonly string? _countryCode = options.Value.DefaultCountryCode;
    private readonly string _trunkPrefix = options.Value.TrunkPrefix;

    /// <summary>Brings a number to E.164; national ones only where the configuration names their country.</summary>
    public bool TryNormalise(string text, out string number)
    {
        number = text;
        if (text.StartsWith('+'))
        {
            return AreDigits(text.AsSpan(1));
        }

        if (_countryCode is null)
        {
            return false;
        }

        var national = text.AsSpan();
        if (_trunkPrefix.Length > 0 && national.StartsWith(_trunkPrefix, StringComparison.Ordinal))
        {
            national = national[_trunkPrefix.Length..];
        }

        // What is left may not begin with 0: it would be a number with an international prefix, of another country.
        number = $"+{_countryCode}{national}";
        return !national.StartsWith('0') && AreDigits(number.AsSpan(1));
    }

    private static bool AreDigits(ReadOnlySpan<char> text) =>
        text.Length is >= FewestDigits and <= MostDigits && text[0] != '0' && !text.ContainsAnyExceptInRange('0', '9');
}
