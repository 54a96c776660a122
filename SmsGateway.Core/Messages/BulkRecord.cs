using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;

namespace SmsGateway.Core.Messages;

/// <summary>
/// What is remembered of a bulk that was accepted, to answer its repetition: the id of its first message and what each was charged. As text:
/// "&lt;fingerprint&gt; &lt;first id&gt; &lt;cost&gt;*&lt;count&gt;,…". A message that is missing costs 0: only a Redis that lost time while a part of the
/// bulk was in the database leaves such a record, and the repeated request then hands in what is missing.
/// </summary>
/// <param name="Fingerprint">Tells the request from another one under the same id.</param>
/// <param name="First">The id of the first message.</param>
/// <param name="Costs">What each message was charged, in minor units, in the order of the request; those at the end may be left out.</param>
public sealed record BulkRecord(string Fingerprint, Guid First, IReadOnlyList<long> Costs)
{
    /// <summary>Most messages in a bulk.</summary>
    public const int MostMessages = 10_000;

    /// <summary>Opens the fingerprint of a bulk: a single message's is hexadecimal, so they never run together.</summary>
    public const string FingerprintPrefix = "bulk:";

    /// <summary>Whether each message of a bulk of this many is there.</summary>
    public bool IsComplete(int count) => Costs.Count == count && !Costs.Contains(0);

    /// <exception cref="FormatException">The text is no record.</exception>
    public static BulkRecord Parse(string text)
    {
        if (text.Split(' ') is not [var fingerprint, var first, var runs])
        {
            throw new FormatException("a record of a bulk has three parts");
        }

        var costs = new List<long>();
        foreach (string run in runs.Split(','))
        {
            if (run.Split('*') is not [var cost, var count])
            {
                throw new FormatException("a run of costs has two parts");
            }

            int length = int.Parse(count, NumberStyles.None, CultureInfo.InvariantCulture);
            ArgumentOutOfRangeException.ThrowIfGreaterThan(costs.Count + length, MostMessages);
            CollectionsMarshal.SetCount(costs, costs.Count + length);
            CollectionsMarshal.AsSpan(costs)[^length..].Fill(long.Parse(cost, NumberStyles.None, CultureInfo.InvariantCulture));
        }

        return new(fingerprint, Guid.ParseExact(first, "D"), costs);
    }

    public override string ToString()
    {
        var text = new StringBuilder(Fingerprint).Append(' ').Append(First);
        char separator = ' ';
        for (int start = 0, end; start < Costs.Count; start = end)
        {
            for (end = start + 1; end < Costs.Count && Costs[end] == Costs[start];)
            {
                end++;
            }

            text.Append(CultureInfo.InvariantCulture, $"{separator}{Costs[start]}*{end - start}");
            separator = ',';
        }

        return text.ToString();
    }
}
