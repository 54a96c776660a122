using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace SmsGateway.Core.Money;

/// <summary>
/// An amount of money as an integer of minor units; one credit has <see cref="UnitsPerCredit"/> of them. There is no floating point
/// anywhere on the way. People and JSON see credits as an exact decimal number: 1000 units are <c>0.10</c>.
/// </summary>
[JsonConverter(typeof(AmountJsonConverter))]
public readonly record struct Amount(long Units)
{
    /// <summary>Minor units in a credit: four decimal places, enough for prices such as 0.0075 a segment.</summary>
    public const long UnitsPerCredit = 10_000;

    /// <summary>Decimal places that a credit may have.</summary>
    public const int DecimalPlaces = 4;

    /// <summary>The largest amount, in minor units: 2^53 - 1, so that readers whose only numbers are doubles can hold every balance.</summary>
    public const long MaxUnits = 9_007_199_254_740_991;

    public static readonly Amount Zero;

    /// <summary>The amount in credits, with two to four decimal places.</summary>
    public override string ToString() => (Units / (decimal)UnitsPerCredit).ToString("0.00##", CultureInfo.InvariantCulture);

    /// <summary>Reads credits; refuses more than four decimal places and amounts beyond <see cref="MaxUnits"/>.</summary>
    public static bool TryFromCredits(decimal credits, out Amount amount)
    {
        amount = default;
        const decimal maxCredits = MaxUnits / (decimal)UnitsPerCredit;
        if (credits is > maxCredits or < -maxCredits)
        {
            return false;
        }

        decimal units = credits * UnitsPerCredit;
        if (units != decimal.Truncate(units))
        {
            return false;
        }

        amount = new Amount((long)units);
        return true;
    }
}

/// <summary>Writes an amount as a JSON number of credits and reads one exactly.</summary>
public sealed class AmountJsonConverter : JsonConverter<Amount>
{
    private const int LongestText = 24;

    public override Amount Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        if (reader.TokenType != JsonTokenType.Number || !reader.TryGetDecimal(out decimal credits) || !Amount.TryFromCredits(credits, out var amount))
        {
            throw new JsonException($"must be a number of credits with at most {Amount.DecimalPlaces} decimal places");
        }

        return amount;
    }

    public override void Write(Utf8JsonWriter writer, Amount value, JsonSerializerOptions options)
    {
        Span<byte> text = stackalloc byte[LongestText];
        decimal credits = value.Units / (decimal)Amount.UnitsPerCredit;
        if (!credits.TryFormat(text, out int length, "0.00##", CultureInfo.InvariantCulture))
        {
            throw new JsonException($"an amount of {value.Units} units does not fit {LongestText} characters");
        }

        writer.WriteRawValue(text[..length], skipInputValidation: true);
    }
}
