namespace SmsGateway.Core.Text;

/// <summary>
/// How a text is cut into segments. A single segment holds 160 septets or 70 UCS-2 code units (140 octets); in a concatenated message
/// each gives 6 octets to the user data header, which leaves 153 septets or 67 code units (3GPP TS 23.040, section 9.2.3.24.1).
/// An escape pair and a surrogate pair are never split.
/// </summary>
/// <param name="Encoding">GSM-7 if every character is in the alphabet, else UCS-2.</param>
/// <param name="Units">Septets (GSM-7) or code units (UCS-2) in the whole text.</param>
/// <param name="Segments">Segments that the text takes; an empty text takes one.</param>
public readonly record struct Segmentation(SmsEncoding Encoding, int Units, int Segments)
{
    public const int SingleSeptets = 160;
    public const int ConcatenatedSeptets = 153;
    public const int SingleCodeUnits = 70;
    public const int ConcatenatedCodeUnits = 67;

    /// <summary>Measures a text. Allocates nothing.</summary>
    public static Segmentation Of(ReadOnlySpan<char> text)
    {
        int septets = 0;
        foreach (char character in text)
        {
            int size = Gsm7Alphabet.Septets(character);
            if (size == 0)
            {
                return new(SmsEncoding.Ucs2, text.Length, CountSegments(text, SmsEncoding.Ucs2, text.Length));
            }

            septets += size;
        }

        return new(SmsEncoding.Gsm7, septets, CountSegments(text, SmsEncoding.Gsm7, septets));
    }

    /// <summary>Cuts a text into its segments; joined, they are the text.</summary>
    public static List<string> Split(string text)
    {
        var (encoding, units, count) = Of(text);
        var segments = new List<string>(count);
        int start = 0;
        while (start < text.Length)
        {
            int end = units <= SingleLimit(encoding) ? text.Length : EndOfSegment(text, start, encoding);
            segments.Add(text[start..end]);
            start = end;
        }

        return segments.Count == 0 ? [text] : segments;
    }

    private static int CountSegments(ReadOnlySpan<char> text, SmsEncoding encoding, int units)
    {
        if (units <= SingleLimit(encoding))
        {
            return 1;
        }

        int segments = 0;
        for (int start = 0; start < text.Length; segments++)
        {
            start = EndOfSegment(text, start, encoding);
        }

        return segments;
    }

    private static int SingleLimit(SmsEncoding encoding) => encoding == SmsEncoding.Gsm7 ? SingleSeptets : SingleCodeUnits;

    /// <summary>The first position after the concatenated segment that begins at <paramref name="start"/>.</summary>
    private static int EndOfSegment(ReadOnlySpan<char> text, int start, SmsEncoding encoding)
    {
        int room = encoding == SmsEncoding.Gsm7 ? ConcatenatedSeptets : ConcatenatedCodeUnits;
        int position = start;
        while (position < text.Length)
        {
            bool isPair = encoding == SmsEncoding.Ucs2 && position + 1 < text.Length
                && char.IsSurrogatePair(text[position], text[position + 1]);
            int size = encoding == SmsEncoding.Gsm7 ? Gsm7Alphabet.Septets(text[position]) : isPair ? 2 : 1;
            if (size > room)
            {
                break;
            }

            room -= size;
            position += isPair ? 2 : 1;
        }

        return position;
    }
}
