using SmsGateway.Load.Results;
using SmsGateway.Load.Stack;

namespace SmsGateway.Load.Cases;

/// <summary><c>POST /api/sms/send/</c> straight to one API process, against the same process's <c>/alive</c>.</summary>
internal sealed class AcceptCase : IBenchCase
{
    public string Name => "accept";

    public string What => "sends to one API process, 1,000 connections, ingest running; limit: the same process's /alive";

    public TimeSpan Duration => TimeSpan.FromSeconds(20);

    public async Task<IReadOnlyList<Measurement>> RunAsync(BenchRun run, CancellationToken cancellationToken)
    {
        // What is accepted goes on into the database; the provider takes next to nothing, since its side is not what is measured.
        await using var stack = await BenchStack.StartAsync(
            ["--Api:Replicas=1", "--Workers:Replicas=1", "--ServiceEnvironment:Providers__0__MessagesPerSecond=10"], cancellationToken);
        return await AgainstAlive.MeasureAsync(run, stack, stack.Api, ["api-1", "redis", "workers", "postgres"], cancellationToken);
    }
}
