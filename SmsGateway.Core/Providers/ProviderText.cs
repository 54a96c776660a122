using System.Buffers;

namespace SmsGateway.Core.Providers;

/// <summary>What is kept of the ids and codes that providers give: they come from outside, and are stored, shown and logged.</summary>
public static class ProviderText
{
    /// <summary>The longest id or code that is kept, in characters.</summary>
    public const int MaxLength = 128;

    private static readonly SearchValues<char> Allowed =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.:+/=@~|,;#");

    /// <summary>The text where it is a plausible id or code: 1 to 128 visible ASCII characters without quotes and brackets; else null.</summary>
    public static string? Check(string? text) =>
        text is { Length: > 0 and <= MaxLength } && !text.AsSpan().ContainsAnyExcept(Allowed) ? text : null;
}
