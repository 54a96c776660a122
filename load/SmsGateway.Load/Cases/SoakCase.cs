using System.Globalization;

using SmsGateway.Load.Generators;
using SmsGateway.Load.Results;
using SmsGateway.Load.Stack;

namespace SmsGateway.Load.Cases;

/// <summary>Half of what the pipeline can do, for long: nothing may grow but what is meant to. <c>BENCH_RATE</c> sets another rate.</summary>
internal sealed class SoakCase : IBenchCase
{
    private const int DefaultRate = 2_500;
    private const int Connections = 128;
    private const int Accounts = 10;

    private const double MostMemoryGrowth = 15;
    private const double MostLatencyGrowth = 50;
    private const double MostWaitingGrowth = 2;
    private const double LeastHot = 90;

    private static readonly string[] Watched = ["api-1", "workers"];

    public string Name => "soak";

    public string What => "half of pipeline (2,500/s, or BENCH_RATE) through Nginx to delivered: no growth from the first tenth to the last";

    public TimeSpan Duration => TimeSpan.FromMinutes(30);

    public async Task<IReadOnlyList<Measurement>> RunAsync(BenchRun run, CancellationToken cancellationToken)
    {
        string? asked = Environment.GetEnvironmentVariable("BENCH_RATE");
        double rate = string.IsNullOrEmpty(asked) ? DefaultRate : double.Parse(asked, CultureInfo.InvariantCulture);
        await using var stack = await BenchStack.StartAsync(WholePath.Settings, cancellationToken);
        var accounts = await stack.NewAccountsAsync(Accounts, cancellationToken);
        var loop = new OpenLoop(stack.Edge, Connections, new SendRequests(stack.Edge, accounts, run).Write) { Rate = rate };
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var running = loop.RunAsync(stop.Token, cancellationToken);

        // Caches fill and code is compiled in the beginning.
        await Task.Delay(run.Part(0.2), cancellationToken);
        var first = await LookAsync(stack, loop, run.Part(0.1), cancellationToken);
        await Task.Delay(run.Part(0.6), cancellationToken);
        var last = await LookAsync(stack, loop, run.Part(0.1), cancellationToken);
        await stop.CancelAsync();
        await running;
        long lost = await new Backlog(stack.Database).SettleAsync(loop.AcceptedCount, cancellationToken);

        double Growth(double before, double after) => 100 * (after - before) / Math.Max(1, before);
        return
        [
            .. Watched.Select(part => new Measurement($"growth of memory, {part}", Growth(first.Memory[part], last.Memory[part]), "%", Direction.Lower)
                .MustReach(MostMemoryGrowth)),
            new Measurement("growth of accept latency p99", Growth(first.P99, last.P99), "%", Direction.Lower).MustReach(MostLatencyGrowth),
            // Idempotency records stay for a day and are meant to grow.
            new Measurement("growth of messages in Redis", 100 * (last.Waiting - first.Waiting) / (rate * run.Duration.TotalSeconds), "%", Direction.Lower)
                .MustReach(MostWaitingGrowth),
            new Measurement("updates that stayed in their page (HOT)", last.Hot, "%").MustReach(LeastHot),
            new Measurement("accept latency p99", last.P99, "ms", Direction.Lower),
            new Measurement("refused or broken", loop.FailedCount, "requests", Direction.Lower).MustReach(0),
            new Measurement("lost", lost, "messages", Direction.Lower).MustReach(0),
        ];
    }

    private static async Task<Sight> LookAsync(BenchStack stack, OpenLoop loop, TimeSpan duration, CancellationToken cancellationToken)
    {
        loop.Latency.Reset();
        await Task.Delay(duration, cancellationToken);
        var memory = new Dictionary<string, double>();
        foreach (string part in Watched)
        {
            memory[part] = await stack.MemoryAsync(part, cancellationToken);
        }

        await using var command = stack.Database.CreateCommand(
            """
            SELECT coalesce(100.0 * sum(n_tup_hot_upd) / nullif(sum(n_tup_upd), 0), 100)::float8
              FROM pg_stat_user_tables WHERE relname LIKE 'sms_messages_y%'
            """);
        return new(
            memory, loop.Milliseconds(99), await stack.Redis.GetDatabase().HashLengthAsync(stack.Keys.Messages),
            (double)(await command.ExecuteScalarAsync(cancellationToken))!);
    }

    private sealed record Sight(IReadOnlyDictionary<string, double> Memory, double P99, long Waiting, double Hot);
}
