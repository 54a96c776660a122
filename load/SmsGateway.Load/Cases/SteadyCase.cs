using System.Text.Json;

using SmsGateway.Load.Generators;
using SmsGateway.Load.Results;
using SmsGateway.Load.Stack;

namespace SmsGateway.Load.Cases;

/// <summary>An open loop through Nginx while everything runs, and afterwards the audit: nothing lost, money exact.</summary>
internal sealed class SteadyCase : IBenchCase
{
    private const int Rate = 3_000;
    private const int Connections = 256;
    private const int Accounts = 10;

    /// <summary>Every so many messages one is followed to the database's saying that it is delivered.</summary>
    private const int Followed = 100;

    private const double MostAcceptP50 = 3;
    private const double MostAcceptP99 = 30;
    private const double MostEndToEndP99 = 3_000;
    private const double FlatPercent = 2;

    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(20);

    public string Name => "steady";

    public string What => $"open loop of {Rate:#,0}/s through Nginx, all the way to delivered; then the audit";

    public TimeSpan Duration => TimeSpan.FromMinutes(5);

    public async Task<IReadOnlyList<Measurement>> RunAsync(BenchRun run, CancellationToken cancellationToken)
    {
        await using var stack = await BenchStack.StartAsync(WholePath.Settings, cancellationToken);
        var accounts = await stack.NewAccountsAsync(Accounts, cancellationToken);
        var follower = new Follower(stack.Database);
        var loop = new OpenLoop(
            stack.Edge,
            Connections,
            new SendRequests(stack.Edge, accounts, run).Write,
            (number, due, status, body) =>
            {
                if (number % Followed == 0 && status == 202)
                {
                    follower.Follow(ReadId(body), due);
                }
            })
        {
            Rate = Rate / 3,
        };
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var running = loop.RunAsync(stop.Token, cancellationToken);
        using var stopFollowing = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var following = follower.RunAsync(stopFollowing.Token);
        var backlog = new Backlog(stack.Database);
        await Task.Delay(WarmUp, cancellationToken);
        loop.Rate = Rate;
        await Task.Delay(WarmUp, cancellationToken);

        // Counts stay, for the audit; latencies of the warm-up do not.
        loop.Latency.Reset();
        follower.Latency.Reset();
        long accepted = loop.AcceptedCount;
        long before = accepted - await backlog.EndedAsync(cancellationToken);
        BenchRun.Say($"measuring with {before:#,0} messages on their way");
        await Task.Delay(run.Duration, cancellationToken);
        long after = loop.AcceptedCount - await backlog.EndedAsync(cancellationToken);
        double rate = (loop.AcceptedCount - accepted) / run.Duration.TotalSeconds;
        await stop.CancelAsync();
        await running;

        long lost = await backlog.SettleAsync(loop.AcceptedCount, cancellationToken);
        await stopFollowing.CancelAsync();
        await following;
        return
        [
            new Measurement("accept latency p50", loop.Milliseconds(50), "ms", Direction.Lower).MustReach(MostAcceptP50),
            new Measurement("accept latency p99", loop.Milliseconds(99), "ms", Direction.Lower).MustReach(MostAcceptP99),
            new Measurement("accept latency p99.9", loop.Milliseconds(99.9), "ms", Direction.Lower),
            new Measurement("end to end p50", follower.Milliseconds(50), "ms", Direction.Lower),
            new Measurement("end to end p99", follower.Milliseconds(99), "ms", Direction.Lower).MustReach(MostEndToEndP99),
            new Measurement("accepted", rate, "/s"),
            new Measurement("growth of the backlog", 100 * (after - before) / (rate * run.Duration.TotalSeconds), "%", Direction.Lower).MustReach(FlatPercent),
            new Measurement("refused or broken", loop.FailedCount, "requests", Direction.Lower).MustReach(0),
            new Measurement("lost", lost, "messages", Direction.Lower).MustReach(0),
            new Measurement("violations that the audit finds", await stack.AuditAsync(cancellationToken), "", Direction.Lower).MustReach(0),
        ];
    }

    private static Guid ReadId(ReadOnlySpan<byte> body)
    {
        var reader = new Utf8JsonReader(body);
        using var document = JsonDocument.ParseValue(ref reader);
        return document.RootElement.GetProperty("sms_id").GetGuid();
    }
}
