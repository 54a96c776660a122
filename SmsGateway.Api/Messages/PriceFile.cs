using System.Globalization;

using SmsGateway.Core.Money;

namespace SmsGateway.Api.Messages;

/// <summary>
/// A price table as a file: a line for each destination, its prefix and the credits a segment, with a comma between, such as <c>4917,0.0750</c>. Empty
/// lines and lines that begin with <c>#</c> are left out.
/// </summary>
internal static class PriceFile
{
    /// <summary>More destinations than there are numbering ranges in the world.</summary>
    private const int MostLines = 1_000_000;

    /// <exception cref="FormatException">A line is no price; the message names it.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">The file may not be read.</exception>
    public static List<PrefixPrice> Read(string file)
    {
        var prices = new List<PrefixPrice>();
        int number = 0;
        foreach (string line in File.ReadLines(file))
        {
            if (++number > MostLines)
            {
                throw new FormatException(string.Create(CultureInfo.InvariantCulture, $"{file} has more than {MostLines} lines"));
            }

            if (line.AsSpan().Trim() is { IsEmpty: false } text && text[0] != '#')
            {
                prices.Add(Parse(text) ?? throw new FormatException(string.Create(
                    CultureInfo.InvariantCulture, $"{file}, line {number}: '{line}' is no prefix of 1 to 15 digits, comma, and price in credits above 0")));
            }
        }

        return prices;
    }

    private static PrefixPrice? Parse(ReadOnlySpan<char> line)
    {
        int comma = line.IndexOf(',');
        var prefix = comma < 0 ? line : line[..comma].TrimEnd();
        return comma >= 0
            && prefix.Length is > 0 and <= 15 && prefix[0] != '0' && !prefix.ContainsAnyExceptInRange('0', '9')
            && decimal.TryParse(line[(comma + 1)..].Trim(), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out decimal credits)
            && Amount.TryFromCredits(credits, out var price) && price.Units is > 0 and <= PricingOptions.HighestPriceUnits
                ? new() { Prefix = prefix.ToString(), PriceUnits = (int)price.Units }
                : null;
    }
}
