using SmsGateway.Workers.Providers;

namespace SmsGateway.Workers.Dispatch;

/// <summary>
/// Which providers serve a number, best first: by the longest of their prefixes that fits, then by order, by cost, and by their place in the
/// configuration. Behind the best prefix come the shorter ones.
/// </summary>
internal sealed class RouteTable
{
    private readonly Dictionary<string, ProviderLine[]>.AlternateLookup<ReadOnlySpan<char>> _byPrefix;
    private readonly int _longestPrefix;

    /// <param name="lines">The enabled providers, in configured order.</param>
    public RouteTable(IReadOnlyList<ProviderLine> lines)
    {
        // Numbers with the same longest prefix have all shorter ones in common too, so one list a prefix is enough.
        var table = new Dictionary<string, ProviderLine[]>(StringComparer.Ordinal);
        foreach (string prefix in lines.SelectMany(line => line.Prefixes).Append("").Distinct())
        {
            table.Add(prefix, [.. lines
                .Where(line => Fit(line, prefix) >= 0)
                .OrderByDescending(line => Fit(line, prefix))
                .ThenBy(line => line.Order)
                .ThenBy(line => line.Cost)]);
        }

        _byPrefix = table.GetAlternateLookup<ReadOnlySpan<char>>();
        _longestPrefix = table.Keys.Max(prefix => prefix.Length);
        Groups = [.. table.Values.Where(group => group.Length > 0).DistinctBy(group => string.Join(' ', group.Select(line => line.Name)))];
    }

    /// <summary>The different lists of providers that numbers can have.</summary>
    public ProviderLine[][] Groups { get; }

    /// <summary>The providers of a number in E.164 with its plus sign; none where no prefix fits.</summary>
    public ProviderLine[] Of(ReadOnlySpan<char> number)
    {
        int length = Math.Min(number.Length, _longestPrefix);
        ProviderLine[]? lines;
        while (!_byPrefix.TryGetValue(number[..length], out lines))
        {
            length--;
        }

        return lines;
    }

    /// <summary>Length of the provider's longest prefix that is a beginning of this one; negative where there is none.</summary>
    private static int Fit(ProviderLine line, string prefix) =>
        line.Prefixes.Where(own => prefix.StartsWith(own, StringComparison.Ordinal)).Select(own => own.Length).DefaultIfEmpty(-1).Max();
}
