using System.Text.RegularExpressions;
using Microsoft.Extensions.Configuration;

namespace SmsGateway.AppHost;

/// <summary>Whether the edge writes a line for each request.</summary>
internal enum AccessLog
{
    Off,
    On,
}

/// <summary>What can be set on the edge: section <c>Edge</c>.</summary>
internal sealed partial record EdgeSettings
{
    private const int HighestPort = 65_535;
    private const int LargestBurst = 1_000_000;

    /// <summary>The port that clients use; null for any free one.</summary>
    public required int? Port { get; init; }

    /// <summary>Requests that a key may make in a second or a minute, in Nginx' form: <c>20000r/s</c>.</summary>
    public required string RatePerKey { get; init; }

    /// <summary>Requests by which a key may run ahead of its rate.</summary>
    public required int BurstPerKey { get; init; }

    /// <summary>A number, or <c>auto</c> for one a processor.</summary>
    public required string WorkerProcesses { get; init; }

    public required AccessLog AccessLog { get; init; }

    /// <exception cref="DistributedApplicationException">A setting has a value that is not allowed.</exception>
    public static EdgeSettings Read(IConfiguration configuration)
    {
        var port = Setting.Number(configuration, "Edge:Port", 0, 0, HighestPort);
        return new()
        {
            Port = port == 0 ? null : port,
            RatePerKey = Setting.Text(configuration, "Edge:RatePerKey", "20000r/s", Rate(), "1r/s to 9999999r/s, or 1r/m to 9999999r/m"),
            BurstPerKey = Setting.Number(configuration, "Edge:BurstPerKey", 20_000, 1, LargestBurst),
            WorkerProcesses = Setting.Text(
                configuration, "Edge:WorkerProcesses", "auto", Processes(), "auto, or a whole number from 1 to 999"),
            AccessLog = Setting.Choice(configuration, "Edge:AccessLog", AccessLog.Off),
        };
    }

    [GeneratedRegex("^[1-9][0-9]{0,6}r/[sm]\\z")]
    private static partial Regex Rate();

    [GeneratedRegex("^(auto|[1-9][0-9]{0,2})\\z")]
    private static partial Regex Processes();
}
