namespace SmsGateway.ProviderSimulator.Messages;

/// <summary>
/// The client's own id of a message, which Twilio never sees as such: the last UUID in the StatusCallback url, in its path or
/// query, with or without dashes.
/// </summary>
internal static class ClientMessageId
{
    private const int BareLength = 32;
    private const int DashedLength = 36;

    public static Guid? Find(ReadOnlySpan<char> url)
    {
        for (var start = url.Length - BareLength; start >= 0; start--)
        {
            var rest = url[start..];
            if ((StandsAlone(url, start, DashedLength) && Guid.TryParseExact(rest[..DashedLength], "D", out var id))
                || (StandsAlone(url, start, BareLength) && Guid.TryParseExact(rest[..BareLength], "N", out id)))
            {
                return id;
            }
        }

        return null;
    }

    /// <summary>Digits right before or after it would make it a part of something longer.</summary>
    private static bool StandsAlone(ReadOnlySpan<char> url, int start, int length) =>
        start + length <= url.Length
        && char.IsAsciiHexDigit(url[start])
        && (start == 0 || !char.IsAsciiHexDigit(url[start - 1]))
        && (start + length == url.Length || !char.IsAsciiHexDigit(url[start + length]));
}
