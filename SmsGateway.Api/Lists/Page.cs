namespace SmsGateway.Api.Lists;

/// <summary>A page of a list, newest first, and whether there is more on either side.</summary>
internal readonly record struct Page<T>(List<T> Items, bool HasOlder, bool HasNewer)
{
    /// <summary>
    /// The addresses of the next page, of older items, and of the previous one, of newer items; null where there is none.
    /// </summary>
    public (string? Next, string? Previous) Links<TKey>(string path, IQueryCollection query, Func<T, TKey> keyOf)
        where TKey : struct, IFormattable
    {
        return (
            HasOlder ? Link(PageDirection.Older, Items[^1]) : null,
            HasNewer ? Link(PageDirection.Newer, Items[0]) : null);

        string Link(PageDirection direction, T edge) =>
            ListQuery.Link(path, query, new ListCursor<TKey>(direction, keyOf(edge)).ToString());
    }
}

internal static class Page
{
    /// <param name="rows">Up to one more than the page holds, nearest to the cursor first; the list is taken over.</param>
    /// <param name="limit">What the page holds.</param>
    /// <param name="direction">
    /// Which way the rows go from the cursor; then there is something on the side that it came from. Null: no cursor.
    /// </param>
    public static Page<T> Of<T>(List<T> rows, int limit, PageDirection? direction)
    {
        bool hasMore = rows.Count > limit;
        if (hasMore)
        {
            rows.RemoveAt(limit);
        }

        if (direction == PageDirection.Newer)
        {
            rows.Reverse();
            return new(rows, HasOlder: rows.Count > 0, HasNewer: hasMore);
        }

        return new(rows, HasOlder: hasMore, HasNewer: direction is not null && rows.Count > 0);
    }
}
