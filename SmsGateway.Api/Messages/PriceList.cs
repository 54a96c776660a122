using System.Collections.Frozen;

using Microsoft.Extensions.Options;

using SmsGateway.Core.Messages;
using SmsGateway.Core.Money;

namespace SmsGateway.Api.Messages;

/// <summary>What a message costs. Whole minor units; nothing is rounded.</summary>
internal sealed class PriceList
{
    private readonly FrozenDictionary<string, int>.AlternateLookup<ReadOnlySpan<char>> _prefixes;
    private readonly int _longestPrefix;
    private readonly int _segmentPriceUnits;
    private readonly int _expressMultiplier;

    public PriceList(IOptions<PricingOptions> options)
    {
        var pricing = options.Value;
        var prefixes = pricing.AllPrefixes().ToFrozenDictionary(price => price.Prefix, price => price.PriceUnits, StringComparer.Ordinal);
        _prefixes = prefixes.GetAlternateLookup<ReadOnlySpan<char>>();
        _longestPrefix = prefixes.Keys.Select(prefix => prefix.Length).DefaultIfEmpty().Max();
        _segmentPriceUnits = pricing.SegmentPriceUnits;
        _expressMultiplier = pricing.ExpressMultiplier;
    }

    /// <summary>
    /// The price of the destination times segments, and times the multiplier for express. The recipient is in E.164 form.
    /// </summary>
    public Amount Cost(string recipient, int segments, Priority priority)
    {
        int multiplier = priority == Priority.Express ? _expressMultiplier : 1;
        return new(checked((long)SegmentPriceUnits(recipient.AsSpan(1)) * segments * multiplier));
    }

    private int SegmentPriceUnits(ReadOnlySpan<char> digits)
    {
        for (int length = Math.Min(_longestPrefix, digits.Length); length > 0; length--)
        {
            if (_prefixes.TryGetValue(digits[..length], out int units))
            {
                return units;
            }
        }

        return _segmentPriceUnits;
    }
}
