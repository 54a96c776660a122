namespace SmsGateway.Api.Requests;

/// <summary>What every text that a client hands in must keep to.</summary>
internal static class TextRule
{
    /// <summary>
    /// Whether a string has 1 to <paramref name="longest"/> characters and can be stored. Characters are Unicode code points, as in the
    /// schema and to the gateway's first clients. The JSON reader has refused lone surrogates.
    /// </summary>
    public static bool IsText(string? text, int longest)
    {
        if (string.IsNullOrEmpty(text) || text.Contains('\0', StringComparison.Ordinal))
        {
            return false;
        }

        return text.Length <= longest || CountCharacters(text) <= longest;
    }

    private static int CountCharacters(string text)
    {
        int characters = text.Length;
        foreach (char unit in text)
        {
            characters -= char.IsLowSurrogate(unit) ? 1 : 0;
        }

        return characters;
    }
}
