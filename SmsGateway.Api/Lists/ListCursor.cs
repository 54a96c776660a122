using System.Globalization;

namespace SmsGateway.Api.Lists;

/// <summary>Which way a page lies from its cursor.</summary>
internal enum PageDirection
{
    Older,
    Newer,
}

/// <summary>Reads the key of a list's items, as <see cref="ListCursor{TKey}"/> writes it; what is no key is refused.</summary>
internal delegate bool KeyParser<TKey>(string text, out TKey key);

/// <summary>Where a page begins: beyond the item that has this key.</summary>
internal readonly record struct ListCursor<TKey>(PageDirection Direction, TKey Key)
    where TKey : struct, IFormattable
{
    public override string ToString() => ListCursor.Prefix(Direction) + Key.ToString(null, CultureInfo.InvariantCulture);
}

internal static class ListCursor
{
    public static ListCursor<TKey>? TryParse<TKey>(string text, KeyParser<TKey> parseKey)
        where TKey : struct, IFormattable
    {
        foreach (var direction in (ReadOnlySpan<PageDirection>)[PageDirection.Older, PageDirection.Newer])
        {
            string prefix = Prefix(direction);
            if (text.StartsWith(prefix, StringComparison.Ordinal) && parseKey(text[prefix.Length..], out var key))
            {
                return new(direction, key);
            }
        }

        return null;
    }

    internal static string Prefix(PageDirection direction) => direction == PageDirection.Older ? "older-" : "newer-";
}
