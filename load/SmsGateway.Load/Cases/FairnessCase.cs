using System.Text.Json;

using SmsGateway.Core.Credits;
using SmsGateway.Load.Results;
using SmsGateway.Load.Stack;

namespace SmsGateway.Load.Cases;

/// <summary>
/// One account has a million normal messages waiting, and the provider's contract lets few through. How long do normal messages of another account
/// and express messages take from their 202 to the provider: while the backlog is still being stored, and when it waits to be sent?
/// </summary>
internal sealed class FairnessCase : IBenchCase
{
    private const int Backlog = 1_000_000;
    private const double BacklogSeconds = 60;
    private const int Contract = 500;
    private const int Pipelining = 256;
    private const double MostNormalMax = 2_000;
    private const double MostExpressP99 = 500;

    private static readonly TimeSpan Pace = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan StoreLimit = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan LastArrives = TimeSpan.FromSeconds(5);

    public string Name => "fairness";

    public string What => $"with {Backlog:#,0} normal messages of one account (in {BacklogSeconds} s, in less time fewer) and a contract of {Contract}/s: others' way from the 202 to the provider";

    public TimeSpan Duration => TimeSpan.FromSeconds(60);

    public async Task<IReadOnlyList<Measurement>> RunAsync(BenchRun run, CancellationToken cancellationToken)
    {
        int messages = (int)(Backlog * Math.Min(1, run.Duration.TotalSeconds / BacklogSeconds));
        await using var stack = await BenchStack.StartAsync(
            ["--Api:Replicas=1", "--Workers:Replicas=2", $"--ServiceEnvironment:Providers__0__MessagesPerSecond={Contract}"], cancellationToken);
        var accounts = await stack.NewAccountsAsync(3, cancellationToken);
        await new BalanceLoader(stack.Redis, stack.Database, stack.Shards).LoadAsync(accounts[0].UserId, cancellationToken);

        BenchRun.Say($"queueing {messages:#,0} messages");
        await new ScriptFeeder(stack).FeedAsync(accounts.Take(1).ToList(), messages, Pipelining);
        var (normalBefore, expressBefore) = (new Probes(accounts[1], "normal"), new Probes(accounts[2], "express"));
        await ProbeAsync(stack, [normalBefore, expressBefore], StoredAsync(stack, cancellationToken), cancellationToken);
        BenchRun.Say($"all stored, {await stack.Redis.GetDatabase().HashLengthAsync(stack.Keys.Messages):#,0} wait to be sent; measuring");
        var (normal, express) = (new Probes(accounts[1], "normal"), new Probes(accounts[2], "express"));
        await ProbeAsync(stack, [normal, express], Task.Delay(run.Duration, cancellationToken), cancellationToken);
        await Task.Delay(LastArrives, cancellationToken);

        var record = await ProviderRecord.ReadAsync(stack, cancellationToken);
        long left = await stack.Redis.GetDatabase().HashLengthAsync(stack.Keys.Messages);
        var (normalLate, expressLate) = (record.LatenessOf(normal.Accepted), record.LatenessOf(express.Accepted));
        return
        [
            new Measurement("normal of another account, slowest", normalLate.At(100), "ms", Direction.Lower).MustReach(MostNormalMax),
            new Measurement("normal of another account, p50", normalLate.At(50), "ms", Direction.Lower),
            new Measurement("express p99", expressLate.At(99), "ms", Direction.Lower).MustReach(MostExpressP99),
            new Measurement("express p50", expressLate.At(50), "ms", Direction.Lower),
            new Measurement("normal of another account, slowest, while the backlog is stored", record.LatenessOf(normalBefore.Accepted).At(100), "ms", Direction.Lower),
            new Measurement("express p99 while the backlog is stored", record.LatenessOf(expressBefore.Accepted).At(99), "ms", Direction.Lower),
            new Measurement("messages measured", normalLate.Count + expressLate.Count, ""),
            new Measurement("sent in the busiest second", record.BusiestSecond, "messages", Direction.Lower).MustReach(Contract),
            new Measurement("sent twice", record.Doubled, "messages", Direction.Lower).MustReach(0),
            new Measurement("backlog left at the end", left, "messages").MustReach(messages / 2),
        ];
    }

    private static Task StoredAsync(BenchStack stack, CancellationToken cancellationToken) => BenchStack.UntilAsync(
        StoreLimit,
        async () =>
        {
            var redis = stack.Redis.GetDatabase();
            long left = await redis.ListLengthAsync(stack.Keys.NormalQueue) + await redis.HashLengthAsync(stack.Keys.IngestClaims);
            return left < Pipelining ? "" : $"{left} in the buffer";
        },
        cancellationToken);

    /// <summary>Sends at a steady pace until the other has ended.</summary>
    private static async Task ProbeAsync(BenchStack stack, Probes[] probes, Task until, CancellationToken cancellationToken)
    {
        using var http = new HttpClient { BaseAddress = stack.Edge };
        using var timer = new PeriodicTimer(Pace);
        var sending = new List<Task>();
        while (!until.IsCompleted)
        {
            sending.AddRange(probes.Select(one => one.SendAsync(http, cancellationToken)));
            await timer.WaitForNextTickAsync(cancellationToken);
        }

        await until;
        await Task.WhenAll(sending);
    }

    /// <summary>Messages of one account and lane, and when each was answered.</summary>
    private sealed class Probes(BenchAccount account, string priority)
    {
        public List<KeyValuePair<Guid, DateTimeOffset>> Accepted { get; } = [];

        public async Task SendAsync(HttpClient http, CancellationToken cancellationToken)
        {
            using var response = await account.SendAsync(
                http, new { recipient = "+447700900123", message = "Your code is 493817.", priority }, cancellationToken);
            var answeredAt = TimeProvider.System.GetUtcNow();
            response.EnsureSuccessStatusCode();
            using var answer = JsonDocument.Parse(await response.Content.ReadAsStreamAsync(cancellationToken));
            lock (Accepted)
            {
                Accepted.Add(KeyValuePair.Create(answer.RootElement.GetProperty("sms_id").GetGuid(), answeredAt));
            }
        }
    }
}
