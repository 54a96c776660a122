using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;

using SmsGateway.Load.Stack;

namespace SmsGateway.Load.Generators;

/// <summary>What wrk has seen. Latencies are in microseconds, of a closed loop: they count from when a request was sent.</summary>
internal sealed record WrkResult(
    long Requests, long Microseconds, long Refused, long Broken,
    [property: JsonPropertyName("p50")] double P50, [property: JsonPropertyName("p95")] double P95, [property: JsonPropertyName("p99")] double P99)
{
    /// <summary>Answers of 2xx or 3xx a second.</summary>
    public double Rate => (Requests - Refused) / (Microseconds / 1e6);

    /// <summary>The part of the requests that was refused or got no answer.</summary>
    public double Failed => (Refused + Broken) / (double)Math.Max(1, Requests + Broken);
}

/// <summary>The load tool wrk: a closed loop over many connections.</summary>
internal sealed class Wrk(BenchRun run, int connections)
{
    private readonly int _threads = Math.Min(Environment.ProcessorCount, connections);
    private int _runs;

    /// <summary>Sends messages of these accounts, each with a request id of its own.</summary>
    public async Task<WrkResult> SendAsync(Uri url, IEnumerable<BenchAccount> accounts, TimeSpan duration, CancellationToken cancellationToken)
    {
        string file = Path.GetTempFileName();
        try
        {
            await File.WriteAllLinesAsync(file, accounts.Select(account => account.Key), cancellationToken);
            return await RunAsync(url, ["send", file, $"{run.Id}-{++_runs}"], duration, cancellationToken);
        }
        finally
        {
            File.Delete(file);
        }
    }

    /// <summary>Gets a page, always the same.</summary>
    public Task<WrkResult> GetAsync(Uri url, TimeSpan duration, CancellationToken cancellationToken) =>
        RunAsync(url, ["get"], duration, cancellationToken);

    private async Task<WrkResult> RunAsync(Uri url, string[] script, TimeSpan duration, CancellationToken cancellationToken)
    {
        string[] arguments =
        [
            "-t", _threads.ToString(CultureInfo.InvariantCulture), "-c", connections.ToString(CultureInfo.InvariantCulture),
            "-d", string.Create(CultureInfo.InvariantCulture, $"{duration.TotalSeconds:0}s"), "--timeout", "30s",
            "-s", Path.Combine(run.LoadFolder, "send.lua"), url.AbsoluteUri, "--", .. script,
        ];
        string output = await Tool.RunAsync("wrk", arguments, cancellationToken);
        string line = output.Split('\n').FirstOrDefault(line => line.StartsWith("{\"requests\"", StringComparison.Ordinal))
            ?? throw new BenchException($"wrk printed no result: {output}");
        return JsonSerializer.Deserialize(line, WrkJson.Default.WrkResult)!;
    }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(WrkResult))]
internal sealed partial class WrkJson : JsonSerializerContext;
