using System.Text;
using OpenTelemetry.Metrics;

namespace OpenTelemetry.Exporter.Prometheus;

/// <summary>
/// A metric's name and type as Prometheus knows them.
/// Rules: https://opentelemetry.io/docs/specs/otel/compatibility/prometheus_and_openmetrics/
/// </summary>
internal sealed record MetricName(string Text, string Type)
{
    public static MetricName Of(Metric metric, bool withoutTotal)
    {
        var type = TypeOf(metric.MetricType);
        var name = Sanitize(metric.Name);

        if (char.IsAsciiDigit(name[0]))
        {
            name = "_" + name;
        }

        var unit = UnitOf(metric.Unit);

        if (unit.Length > 0
            && !name.EndsWith(unit, StringComparison.Ordinal)
            && !(type == "counter" && name.EndsWith($"{unit}_total", StringComparison.Ordinal)))
        {
            name = $"{name}_{unit}";
        }

        if (type == "counter" && !withoutTotal && !name.EndsWith("_total", StringComparison.Ordinal))
        {
            name += "_total";
        }

        return new MetricName(name, type);
    }

    private static string TypeOf(MetricType type) => type switch
    {
        MetricType.LongSum or MetricType.DoubleSum => "counter",
        MetricType.Histogram => "histogram",
        // An up-down counter can fall, which a Prometheus counter must not.
        _ => "gauge",
    };

    /// <summary>The unit in words: <c>By/s</c> is <c>bytes_per_second</c>; an annotation such as <c>{message}</c> is no unit.</summary>
    private static string UnitOf(string? unit)
    {
        unit = WithoutAnnotations(unit ?? "");
        var slash = unit.IndexOf('/', StringComparison.Ordinal);

        var words = slash >= 0 && slash < unit.Length - 1
            ? $"{Plural(unit[..slash])}_per_{Singular(unit[(slash + 1)..])}"
            : Plural(unit);

        return Sanitize(words).Trim('_');
    }

    private static string WithoutAnnotations(string unit)
    {
        for (var open = unit.IndexOf('{', StringComparison.Ordinal); open >= 0; open = unit.IndexOf('{', StringComparison.Ordinal))
        {
            var close = unit.IndexOf('}', open);

            if (close < 0)
            {
                break;
            }

            unit = unit.Remove(open, close - open + 1);
        }

        return unit;
    }

    private static string Plural(string unit) => unit switch
    {
        "d" => "days",
        "h" => "hours",
        "min" => "minutes",
        "s" => "seconds",
        "ms" => "milliseconds",
        "us" => "microseconds",
        "ns" => "nanoseconds",
        "By" or "B" => "bytes",
        "KiBy" => "kibibytes",
        "MiBy" => "mebibytes",
        "GiBy" => "gibibytes",
        "TiBy" => "tibibytes",
        "KBy" or "KB" => "kilobytes",
        "MBy" or "MB" => "megabytes",
        "GBy" or "GB" => "gigabytes",
        "TBy" or "TB" => "terabytes",
        "m" => "meters",
        "V" => "volts",
        "A" => "amperes",
        "J" => "joules",
        "W" => "watts",
        "g" => "grams",
        "Cel" => "celsius",
        "Hz" => "hertz",
        "1" => "",
        "%" => "percent",
        "$" => "dollars",
        _ => unit,
    };

    private static string Singular(string unit) => unit switch
    {
        "s" => "second",
        "m" => "minute",
        "h" => "hour",
        "d" => "day",
        "w" => "week",
        "mo" => "month",
        "y" => "year",
        _ => unit,
    };

    /// <summary>Replaces each run of characters that Prometheus does not take in a name by one underscore.</summary>
    private static string Sanitize(string text)
    {
        var result = new StringBuilder(text.Length);

        foreach (var c in text)
        {
            if (char.IsAsciiLetterOrDigit(c) || c == ':')
            {
                result.Append(c);
            }
            else if (result.Length == 0 || result[^1] != '_')
            {
                result.Append('_');
            }
        }

        return result.ToString();
    }
}
