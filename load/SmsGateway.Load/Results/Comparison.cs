using System.Globalization;

namespace SmsGateway.Load.Results;

/// <summary>
/// Compares two files of results, one JSON line a run. Of several runs of a case the median counts, and how far they lie apart is their noise; a
/// single run says nothing of its noise, so a tenth is taken for it.
/// </summary>
internal sealed class Comparison(IReadOnlyList<CaseResult> before, IReadOnlyList<CaseResult> after)
{
    /// <summary>What runs of the same code differ by on a quiet machine, as a part of the value; nothing smaller is called a change.</summary>
    private const double LeastNoise = 0.05;

    private const double NoiseOfOne = 0.10;

    public static IReadOnlyList<CaseResult> Read(string file) =>
        [.. File.ReadLines(file).Where(line => line.StartsWith('{')).Select(CaseResult.FromJson)];

    /// <summary>Every measurement that both files have.</summary>
    public IEnumerable<Change> Changes()
    {
        var old = Group(before);
        foreach (var (key, runs) in Group(after))
        {
            if (old.TryGetValue(key, out var earlier))
            {
                yield return Compare(key, earlier, runs);
            }
        }
    }

    private static Dictionary<(string Case, string Name), List<Measurement>> Group(IEnumerable<CaseResult> results) => results
        .SelectMany(result => result.Measurements.Select(measurement => (Key: (result.Case, measurement.Name), measurement)))
        .GroupBy(pair => pair.Key, pair => pair.measurement)
        .ToDictionary(group => group.Key, group => group.ToList());

    private static Change Compare((string Case, string Name) key, List<Measurement> before, List<Measurement> after)
    {
        // A ratio has the machine's mood in both of its parts, so it tells more than a value where there is one.
        bool byRatio = before.Concat(after).All(measurement => measurement.Ratio is not null);
        double Value(Measurement measurement) => byRatio ? measurement.Ratio!.Value : measurement.Value;
        var old = Spread.Of(before.Select(Value));
        var now = Spread.Of(after.Select(Value));
        double noise = Math.Max(LeastNoise, Math.Max(old.Noise, now.Noise));
        double change = old.Median == 0 ? (now.Median == 0 ? 0 : double.PositiveInfinity) : (now.Median - old.Median) / Math.Abs(old.Median);
        double gain = after[0].Better == Direction.Higher ? change : -change;
        return new(key.Case, key.Name, byRatio ? "× limit" : after[0].Unit, old.Median, now.Median, change, noise, gain < -noise ? Verdict.Worse : gain > noise ? Verdict.Better : Verdict.Same);
    }

    private readonly record struct Spread(double Median, double Noise)
    {
        public static Spread Of(IEnumerable<double> values)
        {
            double[] sorted = [.. values.Order()];
            int middle = sorted.Length / 2;
            double median = sorted.Length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
            return new(median, sorted.Length == 1 ? NoiseOfOne : median == 0 ? 0 : (sorted[^1] - sorted[0]) / Math.Abs(median));
        }
    }
}

/// <summary>What a change means.</summary>
internal enum Verdict
{
    Same,
    Better,
    Worse,
}

/// <summary>How a measurement has changed.</summary>
internal sealed record Change(string Case, string Name, string Unit, double Before, double After, double Part, double Noise, Verdict Verdict)
{
    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"{Case,-9} {Name,-44} {ResultTable.Number(Before),12} → {ResultTable.Number(After),-12} {Unit,-10} {Part,+8:+0.0%;-0.0%} (noise {Noise:0%})  {(Verdict == Verdict.Same ? "" : Verdict.ToString().ToLowerInvariant())}");
}
