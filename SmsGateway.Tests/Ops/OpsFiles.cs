using System.Text.Json;
using System.Text.RegularExpressions;

namespace SmsGateway.Tests.Ops;

/// <summary>The files that operators use: alarms, dashboard, runbook.</summary>
internal static partial class OpsFiles
{
    public static string Folder => PathOf("ops");

    public static string Runbook => File.ReadAllText(PathOf("docs", "runbook.md"));

    public static string Rules => File.ReadAllText(PathOf("ops", "prometheus", "alerts.yml"));

    /// <summary>The names of all alarms.</summary>
    public static IReadOnlyList<string> Alarms => [.. Alarm().Matches(Rules).Select(match => match.Groups[1].Value)];

    /// <summary>Every metric that an alarm or the dashboard looks at, as Prometheus knows it.</summary>
    public static IReadOnlySet<string> Metrics
    {
        get
        {
            using var dashboard = JsonDocument.Parse(File.ReadAllText(PathOf("ops", "grafana", "sms-gateway.json")));
            var expressions = dashboard.RootElement.GetProperty("panels").EnumerateArray()
                .Where(panel => panel.TryGetProperty("targets", out _))
                .SelectMany(panel => panel.GetProperty("targets").EnumerateArray())
                .Select(target => target.GetProperty("expr").GetString()!)
                .Append(Annotations().Replace(Rules, ""));
            return expressions.SelectMany(expression => Metric().Matches(Labels().Replace(expression, ""))).Select(match => match.Value).ToHashSet(StringComparer.Ordinal);
        }
    }

    internal static string PathOf(params string[] path) => Path.GetFullPath(Path.Combine(["..", .. path]), Projects.SmsGateway_AppHost.ProjectPath);

    [GeneratedRegex("- alert: (\\w+)")]
    private static partial Regex Alarm();

    [GeneratedRegex("^ *(#|summary:|runbook:).*$", RegexOptions.Multiline)]
    private static partial Regex Annotations();

    [GeneratedRegex("\\{[^}]*\\}|by \\([^)]*\\)")]
    private static partial Regex Labels();

    [GeneratedRegex("\\b(sms|http|dotnet)_[a-z_]+\\b")]
    private static partial Regex Metric();
}
