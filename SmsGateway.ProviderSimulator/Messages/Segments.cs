using System.Buffers;

namespace SmsGateway.ProviderSimulator.Messages;

/// <summary>
/// Counts segments as 3GPP TS 23.038 and 23.040 have it: 160 septets (153 a part) if GSM 7-bit can say it, else 70 UTF-16 units
/// (67 a part). Own code on purpose: a provider that shared the gateway's would agree with the gateway's mistakes.
/// </summary>
internal static class Segments
{
    private static readonly SearchValues<char> Basic = SearchValues.Create(
        "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
        + "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà");

    private static readonly SearchValues<char> Extended = SearchValues.Create("\f^{}\\[~]|€");

    public static int Count(ReadOnlySpan<char> body)
    {
        var septets = 0;
        var rest = body;
        for (var other = rest.IndexOfAnyExcept(Basic); other >= 0; other = rest.IndexOfAnyExcept(Basic))
        {
            if (!Extended.Contains(rest[other]))
            {
                return Parts(body.Length, 70, 67);
            }

            septets += other + 2;
            rest = rest[(other + 1)..];
        }

        return Parts(septets + rest.Length, 160, 153);
    }

    private static int Parts(int units, int single, int part) => units <= single ? 1 : (units + part - 1) / part;
}
