using System.Globalization;

using SmsGateway.Load.Generators;
using SmsGateway.Load.Results;
using SmsGateway.Load.Stack;

namespace SmsGateway.Load.Cases;

/// <summary>The seeds' own test, against what it showed of the system that the seeds describe.</summary>
internal sealed class LocustCase : IBenchCase
{
    private const int Users = 1000;
    private const int SpawnedPerSecond = 100;
    private const int Accounts = 100;

    private const double SeedsRate = 661;
    private const double SeedsAverage = 115;
    private const double SeedsP95 = 360;
    private const double SeedsFailed = 0.13;

    public string Name => "locust";

    public string What => "the seeds' own test through Nginx, 1,000 users; limit: what it showed there";

    public TimeSpan Duration => TimeSpan.FromSeconds(47);

    public async Task<IReadOnlyList<Measurement>> RunAsync(BenchRun run, CancellationToken cancellationToken)
    {
        await using var stack = await BenchStack.StartAsync(["--Api:Replicas=2", "--Workers:Replicas=1"], cancellationToken);
        var accounts = await stack.NewAccountsAsync(Accounts, cancellationToken);
        var folder = Directory.CreateTempSubdirectory("sms-gateway-locust-");
        try
        {
            string keys = Path.Combine(folder.FullName, "keys");
            await File.WriteAllLinesAsync(keys, accounts.Select(account => account.Key), cancellationToken);
            string[] arguments =
            [
                $"BENCH_KEYS={keys}", "locust", "-f", Path.Combine(run.LoadFolder, "locustfile.py"), "--headless", "--only-summary", "--exit-code-on-error", "0",
                "-u", Text(Users), "-r", Text(SpawnedPerSecond), "-t", $"{Text((int)run.Duration.TotalSeconds)}s",
                "-H", stack.Edge.GetLeftPart(UriPartial.Authority), "--csv", Path.Combine(folder.FullName, "result"),
            ];
            await Tool.RunAsync("env", arguments, cancellationToken);
            return Read(await File.ReadAllLinesAsync(Path.Combine(folder.FullName, "result_stats.csv"), cancellationToken));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static Measurement[] Read(string[] lines)
    {
        string[] names = lines[0].Split(',');
        string[] all = lines.Single(line => line.StartsWith(",Aggregated,", StringComparison.Ordinal)).Split(',');
        double Field(string name) => double.Parse(all[Array.IndexOf(names, name)], CultureInfo.InvariantCulture);
        return
        [
            new Measurement("requests", Field("Requests/s"), "/s").Against("/s of the seeds", SeedsRate, 1),
            new Measurement("average latency", Field("Average Response Time"), "ms", Direction.Lower).Against("ms of the seeds", SeedsAverage, 1),
            new Measurement("latency p95", Field("95%"), "ms", Direction.Lower).Against("ms of the seeds", SeedsP95, 1),
            new Measurement("failed", 100 * Field("Failure Count") / Field("Request Count"), "%", Direction.Lower).Against("% of the seeds", SeedsFailed, 1),
        ];
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
