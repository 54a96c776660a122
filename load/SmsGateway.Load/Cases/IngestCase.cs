using Npgsql;

using SmsGateway.Core.Credits;
using SmsGateway.Core.Messages;
using SmsGateway.Load.Results;
using SmsGateway.Load.Stack;
using SmsGateway.Workers.Ingest;

namespace SmsGateway.Load.Cases;

/// <summary>How fast a worker drains the buffer into PostgreSQL, against bare binary COPY of the same rows by as many connections.</summary>
internal sealed class IngestCase : IBenchCase
{
    private const int MessagesPerSecond = 10_000;
    private const int BatchSize = 5_000;
    private const int Parallelism = 2;
    private const int Accounts = 10;
    private const int Pipelining = 256;
    private const double LeastPart = 0.7;
    private const double MostGrowthPercent = 25;

    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(10);

    public string Name => "ingest";

    public string What => "a worker drains 10,000 buffered messages for each second (500,000) into PostgreSQL; limit: bare binary COPY of the same";

    public TimeSpan Duration => TimeSpan.FromSeconds(50);

    public async Task<IReadOnlyList<Measurement>> RunAsync(BenchRun run, CancellationToken cancellationToken)
    {
        int messages = MessagesPerSecond * (int)run.Duration.TotalSeconds;
        await using var stack = await BenchStack.StartAsync(
            [
                "--Api:Replicas=1", "--Workers:Replicas=1", "--ServiceEnvironment:Providers__0__MessagesPerSecond=10",
                $"--ServiceEnvironment:Ingest__BatchSize={BatchSize}", $"--ServiceEnvironment:Ingest__Parallelism={Parallelism}",
            ],
            cancellationToken);
        var accounts = await stack.NewAccountsAsync(Accounts, cancellationToken);
        var loader = new BalanceLoader(stack.Redis, stack.Database, stack.Shards);
        foreach (var account in accounts)
        {
            await loader.LoadAsync(account.UserId, cancellationToken);
        }

        var feeder = new ScriptFeeder(stack);
        await feeder.FeedAsync(accounts, BatchSize, Pipelining);
        await stack.StopAsync("workers", cancellationToken);
        BenchRun.Say($"buffering {messages:#,0} messages");
        await feeder.FeedAsync(accounts, messages, Pipelining);

        var (rate, growth, memory) = await DrainAsync(stack, messages, cancellationToken);
        BenchRun.Say($"{rate:#,0} messages a second");
        await stack.StopAsync("workers", cancellationToken);
        double bare = await CopyAsync(stack, accounts, messages, cancellationToken);
        return
        [
            new Measurement("ingested", rate, "/s").Against("/s of COPY", bare, LeastPart),
            new Measurement("memory of the worker", memory, "MB", Direction.Lower),
            new Measurement("growth of it in the second half", growth, "%", Direction.Lower).MustReach(MostGrowthPercent),
        ];
    }

    /// <summary>From the first claim that lands to the last; so the worker's start does not count, nor does the first claim.</summary>
    private static async Task<(double Rate, double Growth, double Memory)> DrainAsync(BenchStack stack, int messages, CancellationToken cancellationToken)
    {
        long before = await LandedAsync(stack.Database, cancellationToken);
        await stack.StartAsync("workers", cancellationToken);
        long first = 0;
        long start = 0;
        double half = 0;
        double rate = 0;
        await BenchStack.UntilAsync(
            Limit,
            async () =>
            {
                long landed = await LandedAsync(stack.Database, cancellationToken) - before;
                if (landed > 0 && start == 0)
                {
                    (first, start) = (landed, TimeProvider.System.GetTimestamp());
                }

                if (half == 0 && landed >= messages / 2)
                {
                    half = await stack.MemoryAsync("workers", cancellationToken);
                }

                rate = start == 0 ? 0 : (landed - first) / TimeProvider.System.GetElapsedTime(start).TotalSeconds;
                return landed >= messages ? "" : $"{messages - landed} messages";
            },
            cancellationToken);
        double memory = await stack.MemoryAsync("workers", cancellationToken);
        return (rate, 100 * (memory - half) / half, memory);
    }

    private static async Task<long> LandedAsync(NpgsqlDataSource database, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand("SELECT coalesce(sum(messages), 0)::bigint FROM ingest_claims");
        return (long)(await command.ExecuteScalarAsync(cancellationToken))!;
    }

    private static async Task<double> CopyAsync(BenchStack stack, IReadOnlyList<BenchAccount> accounts, int messages, CancellationToken cancellationToken)
    {
        await using (var empty = stack.Database.CreateCommand("TRUNCATE sms_messages"))
        {
            await empty.ExecuteNonQueryAsync(cancellationToken);
        }

        await using (var checkpoint = stack.Database.CreateCommand("CHECKPOINT"))
        {
            await checkpoint.ExecuteNonQueryAsync(cancellationToken);
        }

        int batches = messages / BatchSize;
        long start = TimeProvider.System.GetTimestamp();
        await Task.WhenAll(Enumerable.Range(0, Parallelism).Select(async _ =>
        {
            while (Interlocked.Decrement(ref batches) >= 0)
            {
                QueuedMessage[] batch = [.. Enumerable.Range(0, BatchSize).Select(row => ScriptFeeder.NewMessage(accounts[row % accounts.Count].UserId))];
                await using var connection = await stack.Database.OpenConnectionAsync(cancellationToken);
                await MessageWriter.CopyAsync(connection, batch, cancellationToken);
            }
        }));
        return messages / TimeProvider.System.GetElapsedTime(start).TotalSeconds;
    }
}
