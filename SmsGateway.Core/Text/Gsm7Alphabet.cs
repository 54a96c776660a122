using System.Collections.Frozen;

namespace SmsGateway.Core.Text;

/// <summary>
/// The GSM 7 bit default alphabet and its extension table: 3GPP TS 23.038, sections 6.2.1 and 6.2.1.1. National shift tables are not used.
/// </summary>
public static class Gsm7Alphabet
{
    /// <summary>The 128 positions of table 6.2.1, in order; position 0x1B is the escape to the extension table and stands for no character.</summary>
    private const string Basic =
        "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞ\u001BÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà";

    /// <summary>The characters of the extension table (6.2.1.1), each sent as an escape and one more septet.</summary>
    private const string Extension = "\f^{}\\[~]|€";

    private const char Escape = '\u001B';

    /// <summary>Septets by character for the Latin-1 range, where nearly all text lies; 0 is "not in the alphabet".</summary>
    private static readonly byte[] LatinSeptets = [.. Enumerable.Range(0, 256).Select(code => SlowSeptets((char)code))];

    private static readonly FrozenDictionary<char, byte> OtherSeptets =
        (Basic + Extension).Where(c => c > 255).ToFrozenDictionary(c => c, SlowSeptets);

    /// <summary>Septets that a character takes: 1, or 2 with the escape; 0 when the alphabet has no such character.</summary>
    public static int Septets(char character) =>
        character < LatinSeptets.Length ? LatinSeptets[character] : OtherSeptets.GetValueOrDefault(character);

    private static byte SlowSeptets(char character)
    {
        if (Extension.Contains(character, StringComparison.Ordinal))
        {
            return 2;
        }

        return character != Escape && Basic.Contains(character, StringComparison.Ordinal) ? (byte)1 : (byte)0;
    }
}
