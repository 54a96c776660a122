using System.Globalization;
using System.Net;

using SmsGateway.Core.Credits;
using SmsGateway.Core.Redis;
using SmsGateway.Load.Generators;
using SmsGateway.Load.Results;
using SmsGateway.Load.Stack;


namespace SmsGateway.Load.Cases;

/// <summary>The accept script alone, called as the API calls it, against <c>redis-benchmark</c> with the same script and as many calls under way.</summary>
internal sealed class ScriptCase : IBenchCase
{
    private const int Pipelining = 64;
    private const int Turns = 3;
    private const int CallsPerSecond = 20_000;
    private const double LeastPart = 0.9;

    public string Name => "script";

    public string What => $"accept.lua by the API's client, {Pipelining} calls under way; limit: redis-benchmark with the same script";

    public TimeSpan Duration => TimeSpan.FromSeconds(20);

    public async Task<IReadOnlyList<Measurement>> RunAsync(BenchRun run, CancellationToken cancellationToken)
    {
        await using var stack = await BenchStack.StartAsync(["--Api:Replicas=1", "--Workers:Replicas=1"], cancellationToken);
        var accounts = await stack.NewAccountsAsync(1, cancellationToken);
        await new BalanceLoader(stack.Redis, stack.Database, stack.Shards).LoadAsync(accounts[0].UserId, cancellationToken);
        // Nothing else asks Redis meanwhile.
        await stack.StopAsync("workers", cancellationToken);
        await stack.StopAsync("api-1", cancellationToken);

        var feeder = new ScriptFeeder(stack);
        int calls = CallsPerSecond * (int)run.Part(1.0 / Turns / 2).TotalSeconds;
        await feeder.FeedAsync(accounts, calls / 4, Pipelining);
        double ours = 0;
        double limit = 0;
        for (int turn = 0; turn < Turns; turn++)
        {
            double bare = await BenchmarkAsync(stack, feeder, accounts[0], calls, cancellationToken);
            long start = TimeProvider.System.GetTimestamp();
            await feeder.FeedAsync(accounts, calls, Pipelining);
            double rate = calls / TimeProvider.System.GetElapsedTime(start).TotalSeconds;
            BenchRun.Say($"{rate:#,0} calls a second, {bare:#,0} by redis-benchmark");
            (ours, limit) = (ours + (rate / Turns), limit + (bare / Turns));
        }

        return [new Measurement("script calls", ours, "/s").Against("/s of redis-benchmark", limit, LeastPart)];
    }

    private static async Task<double> BenchmarkAsync(
        BenchStack stack, ScriptFeeder feeder, BenchAccount account, int calls, CancellationToken cancellationToken)
    {
        // redis-benchmark puts 12 digits of its own in place of this word: the last group of a UUID.
        const string Random = "__rand_int__";
        var message = ScriptFeeder.NewMessage(account.UserId);
        string id = message.Id.ToString();
        string varied = id[..24] + Random;
        var (keys, arguments) = feeder.Call(message);
        string Vary(string text) => text.Replace(id, varied, StringComparison.Ordinal).Replace(message.RequestId!, message.RequestId![..20] + Random, StringComparison.Ordinal);

        var server = (IPEndPoint)stack.Redis.GetEndPoints()[0];
        string output = await Tool.RunAsync(
            "redis-benchmark",
            [
                "-h", server.Address.ToString(), "-p", server.Port.ToString(CultureInfo.InvariantCulture), "--csv", "-r", "2000000000",
                "-c", "1", "-P", Pipelining.ToString(CultureInfo.InvariantCulture), "-n", calls.ToString(CultureInfo.InvariantCulture),
                "EVALSHA", RedisScript.Accept.Sha1, keys.Length.ToString(CultureInfo.InvariantCulture),
                .. keys.Select(key => Vary(key.ToString()!)),
                .. arguments.Select(argument => Vary((string)argument!)),
            ],
            cancellationToken);
        // The last line ends with rps, then latencies: avg, min, p50, p95, p99, max.
        string[] fields = output.TrimEnd().Split('\n')[^1].Split("\",\"");
        return double.Parse(fields[^7], CultureInfo.InvariantCulture);
    }
}
