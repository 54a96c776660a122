using System.Collections.Concurrent;
using System.Text.RegularExpressions;

using Microsoft.Extensions.Logging;

using Npgsql;

using SmsGateway.Api.Lists;
using SmsGateway.Api.Messages;
using SmsGateway.Core.Messages;
using SmsGateway.Core.Schema;
using SmsGateway.Tests.Fixtures;
using SmsGateway.Workers.Status;

using SchemaPartitions = SmsGateway.Core.Schema.Partitions;

namespace SmsGateway.Tests.Core.Schema;

/// <summary>
/// The statements that the gateway really runs, over a year of partitions: PostgreSQL's own <c>auto_explain</c> tells by what plan each was executed,
/// and so which partitions it has looked at.
/// </summary>
[Collection(InfrastructureCollection.Name)]
public sealed partial class PruningIntegrationTests(Infrastructure infrastructure) : IAsyncLifetime
{
    private static readonly DateTimeOffset Now = new(2026, 12, 15, 12, 0, 0, TimeSpan.Zero);

    private readonly ConcurrentQueue<string> _plans = [];
    private Stores _stores = null!;
    private NpgsqlDataSource _explained = null!;
    private MessageStore _store = null!;
    private long _userId;

    public async Task InitializeAsync()
    {
        _stores = await infrastructure.NewStoresAsync();
        await SchemaPartitions.EnsureAsync(_stores.Database, PartitionInterval.Month, TestClock.Start, Now);
        _userId = await _stores.NewAccountAsync(0);
        await _stores.ExecuteAsync(
            """
            INSERT INTO sms_messages (id, created_at, user_id, cost, valid_until, priority, encoding, segments, recipient, body)
            SELECT gen_random_uuid(), t, $1, 1, t, 'normal', 'GSM-7', 1, '+491701234567', 'x' FROM generate_series($2, $3, interval '1 hour') AS t
            """, _userId, TestClock.Start.AddDays(-20), Now);
        await _stores.ExecuteAsync("ANALYZE sms_messages");

        var settings = new NpgsqlConnectionStringBuilder(_stores.ConnectionString)
        {
            Options = "-c session_preload_libraries=auto_explain -c auto_explain.log_min_duration=0 -c auto_explain.log_analyze=on "
                + "-c auto_explain.log_level=notice -c client_min_messages=notice",
        };
        var builder = new NpgsqlDataSourceBuilder(settings.ConnectionString);
        // The plans come as notices, which Npgsql logs.
        builder.UseLoggerFactory(LoggerFactory.Create(logging => logging.SetMinimumLevel(LogLevel.Debug).AddProvider(new Notices(_plans))));
        _explained = builder.Build();
        _store = new(_explained);
    }

    public async Task DisposeAsync()
    {
        await _explained.DisposeAsync();
        await _stores.DisposeAsync();
    }

    [Fact]
    public async Task Find_of_a_message_looks_at_its_partition_only()
    {
        await _store.FindAsync(_userId, MessageId.New(Now.AddDays(-60)), default);

        Assert.Equal(["sms_messages_y2026m10"], Touched());
    }

    [Fact]
    public async Task List_of_the_last_days_looks_at_their_partitions_only()
    {
        var filter = new MessageFilter(_userId, Now.AddDays(-30), Now, null);

        Assert.Equal(101, (await _store.ListAsync(filter, null, 101, default)).Count);
        Assert.Equal(["sms_messages_y2026m12"], Touched());

        // In a state that none is in: it has to look at everything that the range of time allows.
        Assert.Empty(await _store.ListAsync(filter with { State = MessageState.Failed }, null, 101, default));
        Assert.Equal(["sms_messages_y2026m11", "sms_messages_y2026m12"], Touched());
    }

    [Fact]
    public async Task List_from_a_cursor_does_not_look_at_what_lies_before_it()
    {
        var filter = new MessageFilter(_userId, Now.AddDays(-300), Now, null);
        var cursor = new ListCursor<Guid>(PageDirection.Older, MessageId.New(new(2026, 6, 20, 0, 0, 0, TimeSpan.Zero)));

        Assert.Equal(101, (await _store.ListAsync(filter, cursor, 101, default)).Count);

        Assert.Equal(["sms_messages_y2026m06"], Touched());
    }

    [Fact]
    public async Task Count_looks_at_the_partitions_of_its_range_only()
    {
        await _store.CountAsync(_userId, Now.AddDays(-30), Now, default);

        Assert.Equal(["sms_messages_y2026m11", "sms_messages_y2026m12"], Touched());
    }

    [Fact]
    public async Task Flush_of_outcomes_looks_at_the_partitions_of_their_messages_only()
    {
        MergedOutcome[] outcomes = [.. new[] { 1, 20 }.Select(days => Merged(MessageId.New(Now.AddDays(-days))))];

        var written = new WrittenOutcomes();
        await new StatusTransaction(_explained).WriteAsync(outcomes, written, default);

        Assert.Equal(2, written.Unmatched.Count);
        Assert.Equal(["sms_messages_y2026m11", "sms_messages_y2026m12"], Touched());
    }

    /// <summary>
    /// Bench pipeline: once the statistics of a young partition said that there is nothing at the time of a batch, each of its messages was compared
    /// with each outcome, 1.8 s for 2,000.
    /// </summary>
    [Fact]
    public async Task Flush_of_outcomes_newer_than_the_statistics_compares_no_message_with_each_outcome()
    {
        MergedOutcome[] outcomes = [.. Enumerable.Range(1, 200).Select(second => Merged(MessageId.New(Now.AddSeconds(second))))];

        await new StatusTransaction(_explained).WriteAsync(outcomes, new(), default);

        string plan = Assert.Single(_plans, plan => plan.Contains("Update on sms_messages", StringComparison.Ordinal));
        Assert.Contains("Hash Join", plan, StringComparison.Ordinal);
        Assert.DoesNotContain("Nested Loop", plan, StringComparison.Ordinal);
        Assert.DoesNotContain("Seq Scan", plan, StringComparison.Ordinal);
    }

    private static MergedOutcome Merged(Guid id)
    {
        var merged = new MergedOutcome(id);
        merged.Add(new() { Id = id, State = MessageState.Delivered, At = Now });
        return merged;
    }

    /// <summary>The partitions that the plans since the last call have looked at.</summary>
    private string[] Touched()
    {
        var touched = new SortedSet<string>(StringComparer.Ordinal);
        while (_plans.TryDequeue(out string? plan))
        {
            // A node that was planned and never executed has read nothing.
            touched.UnionWith(plan.Split('\n')
                .Where(line => !line.Contains("(never executed)", StringComparison.Ordinal))
                .Select(line => Partition().Match(line)).Where(match => match.Success).Select(match => match.Value));
        }

        return [.. touched];
    }

    private sealed class Notices(ConcurrentQueue<string> messages) : ILoggerProvider, ILogger
    {
        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            string message = formatter(state, exception);
            if (message.Contains("plan:", StringComparison.Ordinal))
            {
                messages.Enqueue(message);
            }
        }

        public void Dispose()
        {
        }
    }

    // Of a scan: the table's own name, not that of an index.
    [GeneratedRegex("(?<= on )sms_messages_y[0-9]{4}m[0-9]{2}(?= )")]
    private static partial Regex Partition();
}
