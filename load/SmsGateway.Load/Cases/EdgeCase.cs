using SmsGateway.Load.Results;
using SmsGateway.Load.Stack;

namespace SmsGateway.Load.Cases;

/// <summary>Sends through Nginx to two API replicas, against <c>/alive</c> on the same way.</summary>
internal sealed class EdgeCase : IBenchCase
{
    private const double MostMilliseconds = 150;

    public string Name => "edge";

    public string What => "sends through Nginx to 2 API replicas, 1,000 connections, ingest running; limit: /alive through Nginx";

    public TimeSpan Duration => TimeSpan.FromSeconds(20);

    public async Task<IReadOnlyList<Measurement>> RunAsync(BenchRun run, CancellationToken cancellationToken)
    {
        await using var stack = await BenchStack.StartAsync(
            ["--Api:Replicas=2", "--Workers:Replicas=1", "--ServiceEnvironment:Providers__0__MessagesPerSecond=10"], cancellationToken);
        var measured = await AgainstAlive.MeasureAsync(run, stack, stack.Edge, ["edge", "api-1", "api-2", "redis", "workers", "postgres"], cancellationToken);
        return [.. measured.Select(one => one.Name == "latency p95" ? one.MustReach(MostMilliseconds) : one)];
    }
}
