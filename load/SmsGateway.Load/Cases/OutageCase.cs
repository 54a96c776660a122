using System.Globalization;

using SmsGateway.Load.Generators;
using SmsGateway.Load.Results;
using SmsGateway.Load.Stack;

namespace SmsGateway.Load.Cases;

/// <summary>
/// PostgreSQL is away for the whole duration while customers send. What is accepted waits in Redis, up to the backlog bound, which is set so that it is
/// reached in four fifths of the time; then sends are answered 503. Once PostgreSQL is back all of it must drain by itself.
/// </summary>
internal sealed class OutageCase : IBenchCase
{
    private const int Rate = 2_000;
    private const int Connections = 128;
    private const int Accounts = 10;

    private const double BoundAfter = 0.8;

    /// <summary>What a waiting message may take of Redis, its payload, its place in the queue and its idempotency record together.</summary>
    private const int BytesPerMessage = 2_048;
    private const int BytesBesides = 64 * 1024 * 1024;

    private const double LeastAccepted = 0.95;

    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan BetweenLooks = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan AcceptAgainLimit = TimeSpan.FromMinutes(1);

    public string Name => "outage";

    public string What => $"PostgreSQL is away, {Rate:#,0}/s are sent: Redis keeps its bound, 503 at the backlog bound, and it drains afterwards by itself";

    public TimeSpan Duration => TimeSpan.FromSeconds(60);

    public async Task<IReadOnlyList<Measurement>> RunAsync(BenchRun run, CancellationToken cancellationToken)
    {
        int backlogLimit = (int)(Rate * run.Duration.TotalSeconds * BoundAfter);
        long memoryLimit = BytesBesides + ((long)backlogLimit * BytesPerMessage);
        await using var stack = await BenchStack.StartAsync(
            [.. WholePath.Settings, string.Create(CultureInfo.InvariantCulture, $"--ServiceEnvironment:Accept__BacklogLimit={backlogLimit}")], cancellationToken);
        var accounts = await stack.NewAccountsAsync(Accounts, cancellationToken);
        await SetMemoryLimitAsync(stack, memoryLimit, cancellationToken);
        using var http = new HttpClient { BaseAddress = stack.Edge };
        var answers = new Answers();
        var loop = new OpenLoop(stack.Edge, Connections, new SendRequests(stack.Edge, accounts, run).Write, (_, _, status, _) => answers.Count(status)) { Rate = Rate };
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var running = loop.RunAsync(stop.Token, cancellationToken);
        // The first request with a key, and of an account, looks into the database.
        await Task.Delay(WarmUp, cancellationToken);

        BenchRun.Say($"PostgreSQL goes away; the backlog bound is {backlogLimit:#,0} messages, that of memory {memoryLimit / 1024 / 1024} MB");
        var outage = await WatchOutageAsync(stack, loop, answers, run.Duration, cancellationToken);
        int withoutRetryAfter = await CountWithoutRetryAfterAsync(http, accounts, cancellationToken);
        await stop.CancelAsync();
        await running;

        long back = TimeProvider.System.GetTimestamp();
        await stack.StartAsync("postgres", cancellationToken);
        // Our own connections of before are dead.
        stack.Database.Clear();
        BenchRun.Say($"PostgreSQL is back; {outage.MostWaiting:#,0} messages wait");
        await AcceptOneAsync(http, accounts[0], cancellationToken);
        double acceptsAgain = TimeProvider.System.GetElapsedTime(back).TotalSeconds;
        await DrainAsync(stack, run.Duration, cancellationToken);
        long lost = await new Backlog(stack.Database).SettleAsync(loop.AcceptedCount + 1, cancellationToken);
        double drained = TimeProvider.System.GetElapsedTime(back).TotalSeconds;
        return
        [
            new Measurement("accepted until the bound", outage.AcceptedPerSecond, "/s").MustReach(LeastAccepted * Rate),
            new Measurement("bound reached after", outage.BoundAfterSeconds, "s", Direction.Lower).MustReach(run.Duration.TotalSeconds),
            new Measurement("messages in Redis at most", outage.MostWaiting, "messages", Direction.Lower).Against("backlog bound", backlogLimit, mustReach: 1),
            new Measurement("memory of Redis at most", outage.MostMemory / 1024.0 / 1024, "MB", Direction.Lower)
                .Against("maxmemory", memoryLimit / 1024.0 / 1024, mustReach: 1),
            new Measurement("answers 503", answers.Refused, "requests", Direction.Lower),
            new Measurement("answers 503 at the bound without Retry-After", withoutRetryAfter, "requests", Direction.Lower).MustReach(0),
            new Measurement("other answers", answers.Other, "requests", Direction.Lower).MustReach(0),
            new Measurement("accepts again after", acceptsAgain, "s", Direction.Lower),
            new Measurement("drained after", drained, "s", Direction.Lower),
            new Measurement("lost", lost, "messages", Direction.Lower).MustReach(0),
            new Measurement("sent twice", (await ProviderRecord.ReadAsync(stack, cancellationToken)).Doubled, "messages", Direction.Lower).MustReach(0),
            new Measurement("violations that the audit finds", await stack.AuditAsync(cancellationToken), "", Direction.Lower).MustReach(0),
        ];
    }

    private static async Task<Outage> WatchOutageAsync(
        BenchStack stack, OpenLoop loop, Answers answers, TimeSpan duration, CancellationToken cancellationToken)
    {
        await stack.StopAsync("postgres", cancellationToken);
        long started = TimeProvider.System.GetTimestamp();
        (long before, long refusedBefore) = (loop.AcceptedCount, answers.Refused);
        var outage = new Outage(0, double.PositiveInfinity, 0, 0);
        using var timer = new PeriodicTimer(BetweenLooks);
        while (TimeProvider.System.GetElapsedTime(started) < duration)
        {
            await timer.WaitForNextTickAsync(cancellationToken);
            double seconds = TimeProvider.System.GetElapsedTime(started).TotalSeconds;
            outage = outage with
            {
                MostWaiting = Math.Max(outage.MostWaiting, await stack.Redis.GetDatabase().HashLengthAsync(stack.Keys.Messages)),
                MostMemory = Math.Max(outage.MostMemory, await ReadMemoryAsync(stack)),
            };
            if (outage.BoundAfterSeconds > seconds)
            {
                // Until the first refusals, and a second of them at most.
                outage = outage with
                {
                    AcceptedPerSecond = (loop.AcceptedCount - before) / seconds,
                    BoundAfterSeconds = answers.Refused > refusedBefore ? seconds : outage.BoundAfterSeconds,
                };
            }
        }

        return outage;
    }

    /// <summary>Redis as an operator bounds it: full, it would refuse, too.</summary>
    private static async Task SetMemoryLimitAsync(BenchStack stack, long bytes, CancellationToken cancellationToken) =>
        await stack.Redis.GetDatabase().ExecuteAsync("CONFIG", "SET", "maxmemory", bytes).WaitAsync(cancellationToken);

    private static async Task<long> ReadMemoryAsync(BenchStack stack)
    {
        string info = (string)(await stack.Redis.GetDatabase().ExecuteAsync("INFO", "memory"))!;
        string line = info.Split('\n').First(line => line.StartsWith("used_memory:", StringComparison.Ordinal));
        return long.Parse(line.AsSpan(line.IndexOf(':') + 1).Trim(), CultureInfo.InvariantCulture);
    }

    private static async Task<int> CountWithoutRetryAfterAsync(HttpClient http, BenchAccount[] accounts, CancellationToken cancellationToken)
    {
        int without = 0;
        foreach (var account in accounts)
        {
            using var answer = await SendAsync(http, account, cancellationToken);
            without += (int)answer.StatusCode == 503 && answer.Headers.RetryAfter?.Delta > TimeSpan.Zero ? 0 : 1;
        }

        return without;
    }

    /// <summary>Sends until one message is accepted.</summary>
    private static Task AcceptOneAsync(HttpClient http, BenchAccount account, CancellationToken cancellationToken) => BenchStack.UntilAsync(
        AcceptAgainLimit,
        async () =>
        {
            using var answer = await SendAsync(http, account, cancellationToken);
            return (int)answer.StatusCode == 202 ? "" : "a send that is accepted";
        },
        cancellationToken);

    private static Task<HttpResponseMessage> SendAsync(HttpClient http, BenchAccount account, CancellationToken cancellationToken) =>
        account.SendAsync(http, new { recipient = "+447700900123", message = "Hello" }, cancellationToken);

    private static Task DrainAsync(BenchStack stack, TimeSpan outage, CancellationToken cancellationToken) => BenchStack.UntilAsync(
        TimeSpan.FromMinutes(1) + (outage * 3),
        async () => await stack.Redis.GetDatabase().HashLengthAsync(stack.Keys.Messages) is > 0 and var left ? $"{left} messages in Redis" : "",
        cancellationToken);

    /// <summary>What was seen while PostgreSQL was away.</summary>
    private sealed record Outage(double AcceptedPerSecond, double BoundAfterSeconds, long MostWaiting, long MostMemory);

    /// <summary>Answers by kind; written by every connection.</summary>
    private sealed class Answers
    {
        private long _refused;
        private long _other;

        public long Refused => Volatile.Read(ref _refused);

        public long Other => Volatile.Read(ref _other);

        public void Count(int status)
        {
            if (status == 503)
            {
                Interlocked.Increment(ref _refused);
            }
            else if (status != 202)
            {
                Interlocked.Increment(ref _other);
            }
        }
    }
}
