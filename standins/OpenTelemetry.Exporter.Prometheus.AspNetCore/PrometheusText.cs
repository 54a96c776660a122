using System.Globalization;
using System.Text;
using OpenTelemetry.Metrics;

namespace OpenTelemetry.Exporter.Prometheus;

/// <summary>Writes the text format, version 0.0.4: https://prometheus.io/docs/instrumenting/exposition_formats/</summary>
internal static class PrometheusText
{
    /// <summary>
    /// Writes all metrics of one name together, since the format wants a family in one piece. Meters may share a name;
    /// those whose type is not the family's are left out, for a family has one type.
    /// </summary>
    public static void WriteFamily(StringBuilder text, MetricName name, IReadOnlyList<Metric> metrics)
    {
        var first = metrics[0];

        if (!string.IsNullOrEmpty(first.Description))
        {
            text.Append("# HELP ").Append(name.Text).Append(' ').Append(Escape(first.Description)).Append('\n');
        }

        text.Append("# TYPE ").Append(name.Text).Append(' ').Append(name.Type).Append('\n');

        foreach (var metric in metrics.Where(metric => metric.MetricType == first.MetricType))
        {
            foreach (ref readonly var point in metric.GetMetricPoints())
            {
                var labels = Labels(metric, point.Tags);

                if (metric.MetricType is MetricType.Histogram)
                {
                    WriteHistogram(text, name.Text, labels, point);
                }
                else
                {
                    WriteSample(text, name.Text, labels, ValueOf(metric.MetricType, point));
                }
            }
        }
    }

    private static void WriteHistogram(StringBuilder text, string name, string labels, in MetricPoint point)
    {
        long cumulated = 0;

        foreach (var bucket in point.GetHistogramBuckets())
        {
            cumulated += bucket.BucketCount;
            WriteSample(text, name + "_bucket", $"{labels},le=\"{Number(bucket.ExplicitBound)}\"", Number(cumulated));
        }

        WriteSample(text, name + "_sum", labels, Number(point.GetHistogramSum()));
        WriteSample(text, name + "_count", labels, Number(point.GetHistogramCount()));
    }

    private static void WriteSample(StringBuilder text, string name, string labels, string value) =>
        text.Append(name).Append('{').Append(labels).Append("} ").Append(value).Append('\n');

    private static string ValueOf(MetricType type, in MetricPoint point) => type switch
    {
        MetricType.LongSum or MetricType.LongSumNonMonotonic => Number(point.GetSumLong()),
        MetricType.DoubleSum or MetricType.DoubleSumNonMonotonic => Number(point.GetSumDouble()),
        MetricType.LongGauge => Number(point.GetGaugeLastValueLong()),
        _ => Number(point.GetGaugeLastValueDouble()),
    };

    /// <summary>
    /// The labels of a series, the meter's among them as <c>otel_scope_*</c>. Keys that become the same name share one label
    /// and their values are joined: a series must not have a label twice.
    /// </summary>
    private static string Labels(Metric metric, ReadOnlyTagCollection tags)
    {
        var labels = new SortedDictionary<string, string>(StringComparer.Ordinal) { ["otel_scope_name"] = EscapeValue(metric.MeterName) };

        if (!string.IsNullOrEmpty(metric.MeterVersion))
        {
            labels["otel_scope_version"] = EscapeValue(metric.MeterVersion);
        }

        foreach (var tag in tags)
        {
            var key = LabelName(tag.Key);
            var value = EscapeValue(tag.Value);
            labels[key] = labels.TryGetValue(key, out var other) ? $"{other};{value}" : value;
        }

        return string.Join(',', labels.Select(label => $"{label.Key}=\"{label.Value}\""));
    }

    private static string LabelName(string key)
    {
        var name = string.Concat(key.Select(c => char.IsAsciiLetterOrDigit(c) ? c : '_'));
        return name.Length == 0 || char.IsAsciiDigit(name[0]) ? "_" + name : name;
    }

    private static string EscapeValue(object? value) => value switch
    {
        null => "",
        bool flag => flag ? "true" : "false",
        _ => Escape(Convert.ToString(value, CultureInfo.InvariantCulture) ?? "").Replace("\"", "\\\"", StringComparison.Ordinal),
    };

    private static string Escape(string text) =>
        text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal);

    private static string Number(long value) => value.ToString(CultureInfo.InvariantCulture);

    private static string Number(double value) => value switch
    {
        double.PositiveInfinity => "+Inf",
        double.NegativeInfinity => "-Inf",
        _ => value.ToString(CultureInfo.InvariantCulture),
    };
}
