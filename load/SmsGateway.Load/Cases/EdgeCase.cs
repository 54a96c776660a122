using SmsGateway.Load.Results;
using SmsGateway.Load.Stack;

namespace SmsGateway.Load.Cases;

/// <summary>Sends through Nginx to two API replicas, against <c>/alive</c> on the same way.</summary>
internal sealed class EdgeCase : IBenchCase
{
    private const double LeastPartOfAlive = 0.55;
    private const double MostMilliseconds = 150;

    public string Name => "edge";

    public string What => "sends through Nginx to 2 API replicas, 1,000 connections, ingest running; limit: /alive through Nginx";

    public TimeSpan Duration => TimeSpan.FromSeconds(20);

    public async Task<IReadOnlyList<Measurement>> RunAsync(BenchRun run, CancellationToken cancellationToken)
    {
        await using var stack = await BenchStack.StartAsync(
            ["--Api:Replicas=2", "--Workers:Replicas=1", "--ServiceEnvironment:Providers__0__MessagesPerSecond=10"], cancellationToken);
        var (send, alive) = await AgainstAlive.MeasureAsync(run, stack, stack.Edge, cancellationToken);
        return
        [
            new Measurement("accepted", send.Rate, "/s").Against("/s of /alive", alive.Rate, LeastPartOfAlive),
            new Measurement("latency p50", send.P50 / 1e3, "ms", Direction.Lower),
            new Measurement("latency p95", send.P95 / 1e3, "ms", Direction.Lower).MustReach(MostMilliseconds),
            new Measurement("latency p99", send.P99 / 1e3, "ms", Direction.Lower),
            new Measurement("refused or broken", 100 * send.Failed, "%", Direction.Lower).MustReach(0),
        ];
    }
}
