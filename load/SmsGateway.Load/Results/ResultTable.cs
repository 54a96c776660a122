using System.Globalization;
using System.Text;

namespace SmsGateway.Load.Results;

/// <summary>A result for people.</summary>
internal static class ResultTable
{
    public static string Of(CaseResult result)
    {
        string[][] rows =
        [
            ["", "value", "limit", "ratio", "must be", ""],
            .. result.Measurements.Select(Row),
        ];
        int[] widths = [.. Enumerable.Range(0, rows[0].Length).Select(column => rows.Max(row => row[column].Length))];
        var text = new StringBuilder();
        foreach (string[] row in rows)
        {
            text.Append("  ").Append(row[0].PadRight(widths[0]));
            for (int column = 1; column < row.Length; column++)
            {
                text.Append("  ").Append(column == row.Length - 1 ? row[column] : row[column].PadLeft(widths[column]));
            }

            text.AppendLine();
        }

        var machine = result.Machine;
        text.AppendLine(CultureInfo.InvariantCulture, $"  commit {machine.Commit}, {machine.Processors} × {machine.Processor}, {machine.MemoryGigabytes} GB");
        return text.ToString();
    }

    private static string[] Row(Measurement measurement) =>
    [
        measurement.Name,
        $"{Number(measurement.Value)} {measurement.Unit}",
        measurement.Limit is { } limit ? $"{Number(limit)} {measurement.LimitName}" : "",
        measurement.Ratio is { } ratio ? ratio.ToString("0.000", CultureInfo.InvariantCulture) : "",
        measurement.Target is { } target
            ? $"{(measurement.Better == Direction.Higher ? '≥' : '≤')} {Number(target.Bound)}{(target.OfLimit ? " ×" : "")}"
            : "",
        measurement.IsMet switch { true => "met", false => "MISSED", null => "" },
    ];

    public static string Number(double value)
    {
        string format = Math.Abs(value) switch { >= 100 => "#,0", >= 10 => "0.0", >= 1 => "0.00", _ => "0.###" };
        return value.ToString(format, CultureInfo.InvariantCulture);
    }
}
