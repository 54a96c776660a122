using System.Globalization;
using System.Text;

using SmsGateway.Api.Errors;
using SmsGateway.Api.Requests;

namespace SmsGateway.Api.Lists;

/// <summary>The parameters that lists share. An empty parameter is one that is left out.</summary>
internal static class ListQuery
{
    public const int LongestPage = 100;

    /// <summary>What is looked at where the caller does not say: bounds the partitions that a call can touch.</summary>
    public static readonly TimeSpan DefaultWindow = TimeSpan.FromDays(30);

    /// <summary>Messages made while the call runs are still shown.</summary>
    private static readonly TimeSpan ClockSlack = TimeSpan.FromMinutes(1);

    public static int Limit(string? text, ref FieldErrors errors)
    {
        if (string.IsNullOrEmpty(text))
        {
            return LongestPage;
        }

        if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int limit) && limit is >= 1 and <= LongestPage)
        {
            return limit;
        }

        errors.Add("limit", "an integer from 1 to 100; 100 by default");
        return LongestPage;
    }

    /// <summary>The range of times from the parameters <c>from</c> (included) and <c>to</c> (not included).</summary>
    public static (DateTimeOffset From, DateTimeOffset To) Range(string? from, string? to, DateTimeOffset now, ref FieldErrors errors)
    {
        var end = Time("to", to, ref errors) ?? now + ClockSlack;
        var start = Time("from", from, ref errors) ?? Earlier(end, DefaultWindow);
        if (start > end)
        {
            errors.Add("from", "a time before to");
        }

        return (start, end);
    }

    /// <summary>The parameter <c>cursor</c>; null: the first page.</summary>
    public static ListCursor<TKey>? ReadCursor<TKey>(string? text, KeyParser<TKey> parseKey, ref FieldErrors errors)
        where TKey : struct, IFormattable
    {
        if (string.IsNullOrEmpty(text))
        {
            return null;
        }

        var cursor = ListCursor.TryParse(text, parseKey);
        if (cursor is null)
        {
            errors.Add("cursor", "the cursor of a next or previous page");
        }

        return cursor;
    }

    /// <summary>The address of another page: this one's parameters with another cursor.</summary>
    public static string Link(string path, IQueryCollection query, string cursor)
    {
        var link = new StringBuilder(path).Append("?cursor=").Append(Uri.EscapeDataString(cursor));
        foreach (var (name, value) in query)
        {
            if (name is "status" or "kind" or "limit" or "from" or "to" && !string.IsNullOrEmpty(value))
            {
                link.Append('&').Append(name).Append('=').Append(Uri.EscapeDataString(value.ToString()));
            }
        }

        return link.ToString();
    }

    private static DateTimeOffset Earlier(DateTimeOffset end, TimeSpan by) =>
        end - DateTimeOffset.MinValue < by ? DateTimeOffset.MinValue : end - by;

    private static DateTimeOffset? Time(string name, string? text, ref FieldErrors errors)
    {
        if (string.IsNullOrEmpty(text))
        {
            return null;
        }

        // A plus sign that was not escaped has become a space.
        if (TimeRule.TryParse(text.Replace(' ', '+'), out var time))
        {
            return time;
        }

        errors.Add(name, "a time in ISO 8601 with offset, such as 2030-01-31T12:00:00Z");
        return null;
    }
}
