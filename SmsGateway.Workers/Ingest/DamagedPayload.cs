using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace SmsGateway.Workers.Ingest;

/// <summary>Finds in what is no message any more who was charged how much, so that the money can be given back.</summary>
internal static partial class DamagedPayload
{
    /// <summary>Null where the payload does not tell.</summary>
    public static (long UserId, long Units)? FindCharge(byte[] payload)
    {
        string text = Encoding.Latin1.GetString(payload);
        return Find(UserPattern(), text) is { } userId && Find(CostPattern(), text) is { } units ? (userId, units) : null;
    }

    private static long? Find(Regex pattern, string text) =>
        pattern.Match(text) is { Success: true } found && long.TryParse(found.Groups[1].ValueSpan, NumberStyles.None, CultureInfo.InvariantCulture, out long number)
            ? number
            : null;

    // In the text of a message the quotes would be escaped.
    [GeneratedRegex("""(?<!\\)"user":([0-9]{1,18})[,}]""", RegexOptions.CultureInvariant)]
    private static partial Regex UserPattern();

    [GeneratedRegex("""(?<!\\)"cost":([0-9]{1,18})[,}]""", RegexOptions.CultureInvariant)]
    private static partial Regex CostPattern();
}
