using System.Globalization;

namespace SmsGateway.ProviderSimulator.Messages;

/// <summary>
/// Twilio's id of a message: SM and 32 hex digits. The first 16 digits name the run of this process, so that ids never repeat after
/// a restart; the last 16 are the message's number in the <see cref="MessageLog"/>, so that an id needs no index to be found.
/// </summary>
internal readonly record struct MessageSid(ulong Run, long Number)
{
    private const int Length = 34;

    public static bool TryParse(ReadOnlySpan<char> text, out MessageSid sid)
    {
        sid = default;
        if (text.Length != Length || !text.StartsWith("SM", StringComparison.Ordinal)
            || !ulong.TryParse(text[2..18], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var run)
            || !long.TryParse(text[18..], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var number))
        {
            return false;
        }

        sid = new MessageSid(run, number);
        return true;
    }

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"SM{Run:x16}{Number:x16}");
}
