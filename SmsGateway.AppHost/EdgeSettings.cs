using System.Globalization;
using System.Net;
using System.Text.RegularExpressions;
using Microsoft.Extensions.Configuration;

namespace SmsGateway.AppHost;

/// <summary>Which requests the edge writes a line for.</summary>
internal enum AccessLog
{
    /// <summary>None.</summary>
    Off,

    /// <summary>Those that the gateway failed: answers from 500 on.</summary>
    Failures,

    /// <summary>All.</summary>
    On,
}

/// <summary>How many requests may come: a leaky bucket.</summary>
/// <param name="Rate">What runs out of it in a second or a minute, in Nginx' form: <c>20000r/s</c>.</param>
/// <param name="Burst">What it holds: by so many requests a client may run ahead of the rate.</param>
internal sealed record Bucket(string Rate, int Burst)
{
    /// <summary>Seconds in which a full bucket has room for one more.</summary>
    public int RetrySeconds
    {
        get
        {
            const int secondsPerMinute = 60;
            const string perMinute = "r/m";
            return Rate.EndsWith(perMinute, StringComparison.Ordinal)
                ? (int)Math.Ceiling((double)secondsPerMinute / int.Parse(Rate[..^perMinute.Length], CultureInfo.InvariantCulture))
                : 1;
        }
    }
}

/// <summary>What can be set on the edge: section <c>Edge</c>.</summary>
internal sealed partial record EdgeSettings
{
    private const int HighestPort = 65_535;
    private const int LargestBurst = 1_000_000;
    private const int LongestClientSeconds = 600;
    private const int LongestBlockSeconds = 3_600;

    /// <summary>The port that clients use; null for any free one.</summary>
    public required int? Port { get; init; }

    /// <summary>
    /// Sends of one key. As high as one machine goes, for load tests use few keys; an operator sets what customers have paid for.
    /// </summary>
    public required Bucket SendBucket { get; init; }

    /// <summary>All other requests of one key.</summary>
    public required Bucket ReadBucket { get; init; }

    /// <summary>Wrong keys that one address may show before it is refused.</summary>
    public required Bucket FailedBucket { get; init; }

    /// <summary>For how long an address is refused that has shown more.</summary>
    public required int BlockSeconds { get; init; }

    /// <summary>Requests that one address may have open at a time.</summary>
    public required int Connections { get; init; }

    /// <summary>How long a client may take for its header, between two parts of a body, and to take a part of an answer.</summary>
    public required int ClientSeconds { get; init; }

    /// <summary>Proxies before the edge, which are believed about where a request came from; null: not set.</summary>
    public required IReadOnlyList<string>? TrustedProxies { get; init; }

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
            SendBucket = BucketOf(configuration, "Send", "20000r/s", 20_000),
            ReadBucket = BucketOf(configuration, "Read", "20000r/s", 20_000),
            FailedBucket = BucketOf(configuration, "Failed", "10r/s", 200),
            BlockSeconds = Setting.Number(configuration, "Edge:BlockSeconds", 10, 1, LongestBlockSeconds),
            Connections = Setting.Number(configuration, "Edge:Connections", 4_000, 1, HighestPort),
            ClientSeconds = Setting.Number(configuration, "Edge:ClientSeconds", 10, 1, LongestClientSeconds),
            TrustedProxies = ReadNetworks(configuration, "Edge:TrustedProxies"),
            WorkerProcesses = Setting.Text(
                configuration, "Edge:WorkerProcesses", "auto", Processes(), "auto, or a whole number from 1 to 999"),
            AccessLog = Setting.Choice(configuration, "Edge:AccessLog", AccessLog.Failures),
        };
    }

    private static Bucket BucketOf(IConfiguration configuration, string name, string rate, int burst) => new(
        Setting.Text(configuration, $"Edge:{name}Rate", rate, Rate(), "1r/s to 9999999r/s, or 1r/m to 9999999r/m"),
        Setting.Number(configuration, $"Edge:{name}Burst", burst, 1, LargestBurst));

    private static string[]? ReadNetworks(IConfiguration configuration, string key)
    {
        var networks = Setting.Text(configuration, key, "", Words(), "addresses and networks such as 10.0.0.0/8, with commas between")
            .Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        return networks.Length == 0 ? null
            : Array.Find(networks, network => !IPNetwork.TryParse(network, out _) && !IPAddress.TryParse(network, out _)) is not { } wrong ? networks
            : throw Setting.Invalid(key, wrong, "addresses and networks such as 10.0.0.0/8");
    }

    [GeneratedRegex("^[1-9][0-9]{0,6}r/[sm]\\z")]
    private static partial Regex Rate();

    [GeneratedRegex("^(auto|[1-9][0-9]{0,2})\\z")]
    private static partial Regex Processes();

    [GeneratedRegex("^[0-9a-fA-F.:/, ]+\\z")]
    private static partial Regex Words();
}
