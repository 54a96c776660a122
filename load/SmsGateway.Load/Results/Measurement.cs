using System.Text.Json.Serialization;

namespace SmsGateway.Load.Results;

/// <summary>Which way is better.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<Direction>))]
internal enum Direction
{
    Higher,
    Lower,
}

/// <summary>What a value must reach: at least that much where higher is better, at most that much where lower is.</summary>
/// <param name="Bound">The value, or the part of the limit, that must be reached.</param>
/// <param name="OfLimit">Whether the bound is a part of the limit that was measured beside the value.</param>
internal sealed record Target(double Bound, bool OfLimit);

/// <summary>Something that a case has measured.</summary>
/// <param name="Name">What; the same in every run, for runs are compared by it.</param>
/// <param name="Value">How much.</param>
/// <param name="Unit">Of the value and the limit.</param>
/// <param name="Better">Which way is better.</param>
internal sealed record Measurement(string Name, double Value, string Unit, Direction Better = Direction.Higher)
{
    /// <summary>What was measured beside it in the same run; null where it has no such limit.</summary>
    public double? Limit { get; init; }

    /// <summary>What the limit is.</summary>
    public string? LimitName { get; init; }

    /// <summary>What it must reach; null where it only informs.</summary>
    public Target? Target { get; init; }

    /// <summary>The value as a part of the limit.</summary>
    public double? Ratio => Limit is > 0 ? Value / Limit : null;

    /// <summary>Whether the target is reached; null where there is none.</summary>
    public bool? IsMet
    {
        get
        {
            if (Target is not { } target)
            {
                return null;
            }

            double? reached = target.OfLimit ? Ratio : Value;
            return Better == Direction.Higher ? reached >= target.Bound : reached <= target.Bound;
        }
    }

    /// <summary>Measures against what was measured beside it.</summary>
    public Measurement Against(string limitName, double limit, double? mustReach = null) =>
        this with { Limit = limit, LimitName = limitName, Target = mustReach is { } part ? new(part, OfLimit: true) : Target };

    /// <summary>Says what it must reach.</summary>
    public Measurement MustReach(double bound) => this with { Target = new(bound, OfLimit: false) };
}
