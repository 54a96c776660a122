using System.Diagnostics;

using Npgsql;

using SmsGateway.Core.Messages;
using SmsGateway.Core.Schema;
using SmsGateway.Load.Results;
using SmsGateway.Load.Stack;
using SmsGateway.Workers.Status;

using StackExchange.Redis;

namespace SmsGateway.Load.Cases;

/// <summary>Reading and the status flush on a table that has grown for a year, against one a hundredth of its size.</summary>
internal sealed class TableCase : IBenchCase
{
    private const int RowsPerSecond = 400_000;
    private const int Smaller = 100;
    private const int Months = 12;
    private const int Accounts = 100;
    private const int Reads = 200;
    private const int Flushes = 20;
    private const int FlushSize = 1_000;
    private const double MostTimes = 1.5;

    public string Name => "table";

    public string What => "list, get and status flush with 400,000 rows for each second (20,000,000) in 12 partitions; limit: a hundredth of the rows";

    public TimeSpan Duration => TimeSpan.FromSeconds(50);

    public async Task<IReadOnlyList<Measurement>> RunAsync(BenchRun run, CancellationToken cancellationToken)
    {
        long rows = RowsPerSecond * (long)run.Duration.TotalSeconds;
        await using var stack = await BenchStack.StartAsync(["--Api:Replicas=1", "--Workers:Replicas=1"], cancellationToken);
        var accounts = await stack.NewAccountsAsync(Accounts, cancellationToken);
        var to = TimeProvider.System.GetUtcNow();
        var from = to.AddMonths(1 - Months);
        await Partitions.EnsureAsync(stack.Database, PartitionInterval.Month, from, to, cancellationToken);

        await FillAsync(stack.Database, accounts, (from, to), 0, rows / Smaller, cancellationToken);
        // Once for the plans, the compiler and the connections.
        await LookAsync(stack, accounts, (from, to), cancellationToken);
        var small = await LookAsync(stack, accounts, (from, to), cancellationToken);
        await FillAsync(stack.Database, accounts, (from, to), rows / Smaller, rows, cancellationToken);
        var large = await LookAsync(stack, accounts, (from, to), cancellationToken);
        return
        [
            new Measurement("list of 100, p50", large.List, "ms", Direction.Lower).Against("ms with few rows", small.List, MostTimes),
            new Measurement("get, p50", large.Get, "ms", Direction.Lower).Against("ms with few rows", small.Get, MostTimes),
            new Measurement("status flush of 1,000, p50", large.Flush, "ms", Direction.Lower).Against("ms with few rows", small.Flush, MostTimes),
            new Measurement("rows", rows, "rows"),
        ];
    }

    /// <summary>Inserts sent messages, spread evenly over the time and the accounts.</summary>
    private static async Task FillAsync(
        NpgsqlDataSource database, BenchAccount[] accounts, (DateTimeOffset From, DateTimeOffset To) time, long first, long last,
        CancellationToken cancellationToken)
    {
        const long AtOnce = 1_000_000;
        for (long start = first; start < last; start += AtOnce)
        {
            long end = Math.Min(start + AtOnce, last);
            BenchRun.Say($"inserting rows {start:#,0} to {end:#,0}");
            await using var insert = database.CreateCommand(
                """
                INSERT INTO sms_messages (id, created_at, user_id, cost, valid_until, priority, encoding, state, segments, recipient, body)
                SELECT (lpad(to_hex(ms), 12, '0') || '7' || substr(hash, 1, 3) || '8' || substr(hash, 4, 15))::uuid,
                       'epoch'::timestamptz + ms * interval '1 millisecond',
                       $1[1 + i % cardinality($1)], 1000, 'epoch'::timestamptz + ms * interval '1 millisecond' + interval '1 day',
                       'normal', 'GSM-7', 'sent', 1, '+447700900123', 'Your code is 493817. It is valid for ten minutes.'
                  FROM generate_series($2, $3) AS i,
                       LATERAL (SELECT $4 + (($5 - $4) * ((i * 7919) % 1000000) / 1000000) AS ms, md5(i::text) AS hash) AS made
                """);
            insert.Parameters.Add(new() { Value = accounts.Select(account => account.UserId).ToArray() });
            insert.Parameters.Add(new() { Value = start });
            insert.Parameters.Add(new() { Value = end - 1 });
            insert.Parameters.Add(new() { Value = time.From.ToUnixTimeMilliseconds() });
            insert.Parameters.Add(new() { Value = time.To.ToUnixTimeMilliseconds() });
            await insert.ExecuteNonQueryAsync(cancellationToken);
        }

        await using var vacuum = database.CreateCommand("VACUUM (ANALYZE) sms_messages");
        await vacuum.ExecuteNonQueryAsync(cancellationToken);
    }

    private static async Task<(double List, double Get, double Flush)> LookAsync(
        BenchStack stack, BenchAccount[] accounts, (DateTimeOffset From, DateTimeOffset To) time, CancellationToken cancellationToken)
    {
        var random = new Random(1);
        using var http = new HttpClient { BaseAddress = stack.Api };
        async Task ReadAsync(string path, string key)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, path);
            request.Headers.Add("X-Api-Key", key);
            using var answer = await http.SendAsync(request, cancellationToken);
            answer.EnsureSuccessStatusCode();
        }

        var keys = accounts.ToDictionary(account => account.UserId, account => account.Key);
        var some = await PickAsync(stack.Database, random, time, Reads, cancellationToken);
        double list = await MedianAsync(Reads, number => ReadAsync("/api/sms/messages/?limit=100", accounts[number % Accounts].Key));
        double get = await MedianAsync(some.Count, number => ReadAsync($"/api/sms/messages/{some[number].Id}/", keys[some[number].UserId]));

        var transaction = new StatusTransaction(stack.Database);
        var batches = new List<OutcomeBatch>();
        for (int i = 0; i < Flushes; i++)
        {
            // Receipts are of the last days, not of last year.
            var late = await PickAsync(stack.Database, random, (time.To.AddDays(-3), time.To), FlushSize, cancellationToken);
            var outcomes = late.Select(message => new Outcome { Id = message.Id, State = MessageState.Delivered, At = time.To, Provider = "simulator" });
            batches.Add(OutcomeBatch.Read(Guid.CreateVersion7(), [.. outcomes.Select(outcome => (RedisValue)MessageJson.Write(outcome))])!);
        }

        double flush = await MedianAsync(Flushes, number => transaction.WriteAsync(batches[number].Messages, new WrittenOutcomes(), cancellationToken));
        return (list, get, flush);
    }

    /// <summary>Picks messages: the next ones after times drawn from a range.</summary>
    private static async Task<List<(Guid Id, long UserId)>> PickAsync(
        NpgsqlDataSource database, Random random, (DateTimeOffset From, DateTimeOffset To) time, int count, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand(
            """
            SELECT DISTINCT id, user_id
              FROM unnest($1) AS after, LATERAL (SELECT id, user_id FROM sms_messages WHERE id >= after AND created_at >= $2 ORDER BY id LIMIT 1) AS found
            """);
        command.Parameters.Add(new()
        {
            Value = Enumerable.Range(0, count).Select(_ => MessageId.First(time.From + ((time.To - time.From) * random.NextDouble()))).ToArray(),
        });
        command.Parameters.Add(new() { Value = time.From });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var picked = new List<(Guid, long)>(count);
        while (await reader.ReadAsync(cancellationToken))
        {
            picked.Add((reader.GetGuid(0), reader.GetInt64(1)));
        }

        return picked;
    }

    private static async Task<double> MedianAsync(int times, Func<int, Task> act)
    {
        double[] took = new double[times];
        for (int i = 0; i < times; i++)
        {
            long start = Stopwatch.GetTimestamp();
            await act(i);
            took[i] = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
        }

        Array.Sort(took);
        return took[times / 2];
    }
}
