using System.Text.Json;
using System.Text.Json.Serialization;

namespace SmsGateway.Load.Results;

/// <summary>What a run of a case has shown. The first measurement is what the case is about.</summary>
internal sealed record CaseResult
{
    public required string Case { get; init; }

    public double Value => Measurements[0].Value;

    public string Unit => Measurements[0].Unit;

    public double? Limit => Measurements[0].Limit;

    public double? Ratio => Measurements[0].Ratio;

    /// <summary>Whether all targets are reached.</summary>
    public bool Met => Measurements.All(measurement => measurement.IsMet ?? true);

    /// <summary>How long it was measured.</summary>
    public required double Seconds { get; init; }

    public required IReadOnlyList<Measurement> Measurements { get; init; }

    public required Machine Machine { get; init; }

    /// <summary>One line.</summary>
    public string ToJson() => JsonSerializer.Serialize(this, ResultJson.Default.CaseResult);

    /// <exception cref="JsonException">The line is no result.</exception>
    public static CaseResult FromJson(string line) =>
        JsonSerializer.Deserialize(line, ResultJson.Default.CaseResult) ?? throw new JsonException("the line is null");
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(CaseResult))]
internal sealed partial class ResultJson : JsonSerializerContext;
