using System.Globalization;

namespace SmsGateway.Api.Requests;

/// <summary>Times that a client hands in: ISO 8601 with offset.</summary>
internal static class TimeRule
{
    private static readonly string[] Forms = ["yyyy-MM-dd'T'HH:mm:ss.FFFFFFFK", "yyyy-MM-dd'T'HH:mmK"];

    public static bool TryParse(string text, out DateTimeOffset? time)
    {
        time = null;
        const int offsetLength = 6;
        bool hasOffset = text.EndsWith('Z') || (text.Length > offsetLength && text[^offsetLength] is '+' or '-');
        if (!hasOffset || !DateTimeOffset.TryParseExact(text, Forms, CultureInfo.InvariantCulture, DateTimeStyles.None, out var parsed))
        {
            return false;
        }

        time = parsed.ToUniversalTime();
        return true;
    }
}
