using SmsGateway.Load.Generators;
using SmsGateway.Load.Results;
using SmsGateway.Load.Stack;

namespace SmsGateway.Load.Cases;

/// <summary>
/// The highest rate at which the backlog stays flat. It is found by keeping the backlog flat: what is accepted follows what ends, with a
/// correction towards a backlog of two seconds, so that no part of the way ever lacks work nor drowns in it.
/// </summary>
internal sealed class PipelineCase : IBenchCase
{
    private const int Connections = 128;
    private const int Accounts = 10;
    private const double LeastRate = 5_000;
    private const double FirstRate = 2_000;
    private const double LowestRate = 100;
    private const double BacklogSeconds = 2;
    private const double CorrectionSeconds = 5;

    /// <summary>How much of what went through in the window the backlog may have grown by.</summary>
    private const double FlatPercent = 2;

    private static readonly TimeSpan BetweenLooks = TimeSpan.FromSeconds(2);

    public string Name => "pipeline";

    public string What => "the highest rate from the send through Nginx to delivered at which the backlog stays flat";

    public TimeSpan Duration => TimeSpan.FromSeconds(60);

    public async Task<IReadOnlyList<Measurement>> RunAsync(BenchRun run, CancellationToken cancellationToken)
    {
        await using var stack = await BenchStack.StartAsync(WholePath.Settings, cancellationToken);
        var accounts = await stack.NewAccountsAsync(Accounts, cancellationToken);
        var loop = new OpenLoop(stack.Edge, Connections, new SendRequests(stack.Edge, accounts, run).Write) { Rate = FirstRate };
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var running = loop.RunAsync(stop.Token, cancellationToken);
        var backlog = new Backlog(stack.Database);

        await FollowAsync(loop, backlog, run.Part(0.5), cancellationToken);
        loop.Latency.Reset();
        var processor = await stack.WatchProcessorAsync(WholePath.Parts, cancellationToken);
        var before = processor.Read();
        var window = await FollowAsync(loop, backlog, run.Duration, cancellationToken);
        var after = processor.Read();
        await stop.CancelAsync();
        await running;

        long lost = await backlog.SettleAsync(loop.AcceptedCount, cancellationToken);
        return
        [
            new Measurement("delivered", window.Rate, "/s").MustReach(LeastRate),
            new Measurement("growth of the backlog", 100 * window.Growth, "%", Direction.Lower).MustReach(FlatPercent),
            new Measurement("backlog", window.Backlog, "messages", Direction.Lower),
            new Measurement("accept latency p50", loop.Milliseconds(50), "ms", Direction.Lower),
            new Measurement("accept latency p99", loop.Milliseconds(99), "ms", Direction.Lower),
            new Measurement("refused or broken", loop.FailedCount, "requests", Direction.Lower).MustReach(0),
            new Measurement("lost", lost, "messages", Direction.Lower).MustReach(0),
            .. WholePath.Parts.Select(part => new Measurement(
                $"processor time a message, {part}", (after[part] - before[part]) / window.Ended * 1e6, "µs", Direction.Lower)),
        ];
    }

    /// <summary>Lets what is accepted follow what ends.</summary>
    private static async Task<(double Rate, long Ended, double Growth, double Backlog)> FollowAsync(
        OpenLoop loop, Backlog backlog, TimeSpan duration, CancellationToken cancellationToken)
    {
        long start = TimeProvider.System.GetTimestamp();
        long first = await backlog.EndedAsync(cancellationToken);
        long firstBacklog = loop.DueCount - loop.FailedCount - first;
        var (last, lastAt) = (first, start);
        using var timer = new PeriodicTimer(BetweenLooks);
        while (true)
        {
            await timer.WaitForNextTickAsync(cancellationToken);
            long ended = await backlog.EndedAsync(cancellationToken);
            // What is due and waits for a connection is on its way too.
            long left = loop.DueCount - loop.FailedCount - ended;
            double rate = (ended - last) / TimeProvider.System.GetElapsedTime(lastAt).TotalSeconds;
            (last, lastAt) = (ended, TimeProvider.System.GetTimestamp());
            BenchRun.Say($"{rate:#,0} delivered a second, {left:#,0} on their way");
            var passed = TimeProvider.System.GetElapsedTime(start);
            if (passed >= duration)
            {
                return ((ended - first) / passed.TotalSeconds, ended - first, (left - firstBacklog) / (double)Math.Max(1, ended - first), left);
            }

            double follow = Math.Max(rate, LowestRate);
            loop.Rate = Math.Max(LowestRate, follow + (((follow * BacklogSeconds) - left) / CorrectionSeconds));
        }
    }
}
