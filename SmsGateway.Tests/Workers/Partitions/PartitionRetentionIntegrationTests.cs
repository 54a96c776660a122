using Npgsql;

using SmsGateway.Core.Messages;
using SmsGateway.Tests.Core.Credits;
using SmsGateway.Tests.EndToEnd;
using SmsGateway.Tests.Fixtures;
using SmsGateway.Workers.Partitions;

namespace SmsGateway.Tests.Workers.Partitions;

/// <summary>
/// Two accounts with messages of January 2026, delivered and failed, whose partition is due to be retired. However far retiring has come, the
/// audit must be clean.
/// </summary>
[Collection(InfrastructureCollection.Name)]
public sealed class PartitionRetentionIntegrationTests(Infrastructure infrastructure) : IAsyncLifetime
{
    private const string January = "sms_messages_y2026m01";

    private static readonly TimeSpan Kept = TimeSpan.FromDays(30);
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    private Stores _stores = null!;
    private long _first;
    private long _second;
    private QueuedMessage _old = null!;

    public async Task InitializeAsync()
    {
        _stores = await infrastructure.NewStoresAsync();
        await _stores.OpenEpochAsync();
        _first = await _stores.NewAccountAsync(100_000);
        _second = await _stores.NewAccountAsync(100_000);
        foreach (long userId in (long[])[_first, _second])
        {
            await SendAsync(userId, 1_000, MessageState.Delivered);
            await SendAsync(userId, 700, MessageState.Failed);
            _old = await SendAsync(userId, 50, MessageState.Sent);
        }

        _stores.Clock.Advance(TimeSpan.FromDays(40));
        await SendAsync(_first, 3, MessageState.Delivered);
        await _stores.Sync.SyncAllAsync(default);
    }

    public async Task DisposeAsync() => await _stores.DisposeAsync();

    [Fact]
    public async Task Run_archives_what_is_older_and_the_audit_stays_exact()
    {
        var results = await RunAsync();

        Assert.Equal([new(January, null)], results);
        Assert.Equal(1, await _stores.ScalarAsync<long>("SELECT count(*) FROM sms_messages"));
        Assert.Equal(6, await _stores.ScalarAsync<long>($"SELECT count(*) FROM sms_archive.{January}"));
        Assert.Equal(1_750, await _stores.ScalarAsync<long>("SELECT cost FROM retired_usage WHERE user_id = $1", _first));
        Assert.Equal(700, await _stores.ScalarAsync<long>("SELECT refunded FROM retired_usage WHERE user_id = $1", _first));
        await AssertExactAsync();
        Assert.Empty(await RunAsync());
    }

    [Fact]
    public async Task Run_configured_to_drop_drops()
    {
        await _stores.NewRetention(new() { Retired = RetiredFate.Drop }).RunAsync(Kept, UnknownOutcomes.Hold, default);

        Assert.Equal(0, await _stores.ScalarAsync<long>("SELECT count(*) FROM pg_class WHERE relname = $1", January));
        await AssertExactAsync();
    }

    [Fact]
    public async Task Audit_after_a_retired_account_was_charged_or_paid_back_by_hand_finds_it()
    {
        await RunAsync();
        await _stores.ExecuteAsync("INSERT INTO credit_ledger (user_id, kind, amount, reference) VALUES ($1, 'usage', -1, 'by hand')", _first);
        await _stores.ExecuteAsync("INSERT INTO credit_ledger (user_id, kind, amount, reference) VALUES ($1, 'refund', 50, $2)", _second, _old.Id.ToString());

        var violations = (await AuditAsync()).Where(line => line.IsViolation).Select(line => line.Name).ToList();

        Assert.Contains("accounts whose usage is not the cost of their messages", violations);
        Assert.Contains("accounts whose refunds of retired messages are not those recorded", violations);
    }

    [Theory]
    [InlineData("queued", "messages that are not finished: 1 queued")]
    [InlineData("unknown", "messages that are not finished: 1 unknown")]
    public async Task Run_with_a_message_that_is_not_finished_is_held(string state, string reason)
    {
        await _stores.ExecuteAsync("UPDATE sms_messages SET state = $2::sms_state WHERE id = $1", _old.Id, state);

        Assert.Equal([new(January, reason)], await RunAsync());
        Assert.Equal(0, await _stores.ScalarAsync<long>("SELECT count(*) FROM retired_partitions"));
        Assert.Equal(7, await _stores.ScalarAsync<long>("SELECT count(*) FROM sms_messages"));
    }

    [Fact]
    public async Task Run_told_that_unknown_outcomes_are_charged_is_held_by_queued_ones_only()
    {
        await _stores.ExecuteAsync("UPDATE sms_messages SET state = 'unknown' WHERE id = $1", _old.Id);

        Assert.Equal([new(January, null)], await _stores.NewRetention().RunAsync(Kept, UnknownOutcomes.Charge, default));
        await AssertExactAsync();
    }

    [Fact]
    public async Task Run_with_a_refund_missing_or_money_long_not_applied_is_held_until_that_is_mended()
    {
        await _stores.ExecuteAsync("UPDATE credit_ledger SET reference = gen_random_uuid()::text WHERE kind = 'refund' AND user_id = $1", _first);
        Assert.Equal([new(January, "messages that lack their refund")], await RunAsync());
        await _stores.ExecuteAsync(
            "UPDATE credit_ledger SET reference = (SELECT id::text FROM sms_messages WHERE user_id = $1 AND state = 'failed') WHERE kind = 'refund' AND user_id = $1", _first);
        await _stores.ExecuteAsync(
            "INSERT INTO credit_ledger (user_id, kind, amount, reference, created_at) VALUES ($1, 'usage', -1, 'late', $2)", _first, TestClock.Start);
        Assert.Equal([new(January, "money that has not been applied for an hour")], await RunAsync());
        await _stores.ExecuteAsync("DELETE FROM credit_ledger WHERE reference = 'late'");

        Assert.Equal([new(January, null)], await RunAsync());
        await AssertExactAsync();
    }

    [Fact]
    public async Task Run_by_many_at_once_retires_once()
    {
        var results = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(RunAsync)));

        Assert.Single(results.SelectMany(result => result));
        await AssertExactAsync();
    }

    [Fact]
    public async Task Run_stopped_while_it_waits_for_a_transaction_is_finished_by_the_next_and_exact_meanwhile()
    {
        await using var reader = await _stores.Database.OpenConnectionAsync();
        await using var transaction = await reader.BeginTransactionAsync();
        await using (var look = new NpgsqlCommand("SELECT count(*) FROM sms_messages", reader, transaction))
        {
            await look.ExecuteScalarAsync();
        }

        using var stop = new CancellationTokenSource();
        var run = _stores.NewRetention().RunAsync(Kept, UnknownOutcomes.Hold, stop.Token);
        await Until.CompleteAsync(Limit, async () =>
        {
            await AssertExactAsync();
            return await _stores.ScalarAsync<long>("SELECT count(*) FROM sms_partitions WHERE detach_pending") == 1 ? "" : "no detach is pending";
        });
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => run);
        await transaction.CommitAsync();
        Assert.Equal(1, await _stores.ScalarAsync<long>("SELECT count(*) FROM sms_partitions WHERE detach_pending"));
        // Half-way out, it does not stop others from being made.
        Assert.True((await SmsGateway.Core.Schema.Partitions.EnsureHoldingAsync(_stores.Database, default, _stores.Clock.GetUtcNow().AddYears(1))).IsMade);
        await AssertExactAsync();

        Assert.Equal([new(January, null)], await RunAsync());
        Assert.Equal(6, await _stores.ScalarAsync<long>($"SELECT count(*) FROM sms_archive.{January}"));
        await AssertExactAsync();
    }

    [Theory]
    [InlineData("")]
    [InlineData($"ALTER TABLE sms_messages DETACH PARTITION {January}")]
    public async Task Run_after_one_that_died_once_it_had_recorded_goes_on(string detach)
    {
        await DieAfterRecordingAsync();
        await AssertExactAsync();
        if (detach.Length > 0)
        {
            await _stores.ExecuteAsync(detach);
            await AssertExactAsync();
        }

        Assert.Equal([new(January, null)], await RunAsync());
        await AssertExactAsync();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Ingest_of_a_message_of_a_retired_time_sets_it_aside_and_pays_it_back(bool stillAttached)
    {
        if (stillAttached)
        {
            await DieAfterRecordingAsync();
        }
        else
        {
            await RunAsync();
        }

        var late = _stores.NewMessage(_first, cost: 11) with { Id = MessageId.New(TestClock.Start) };
        var before = await _stores.MoneyAsync(_first);
        await _stores.AcceptedAsync(late);
        await _stores.IngestAsync();

        Assert.Equal(before, await _stores.MoneyAsync(_first));
        var letter = MessageJson.ReadDeadLetter((byte[])(await _stores.Redis.ListGetByIndexAsync(_stores.Keys.DeadLetters, 0))!);
        Assert.Equal((late.Id.ToString(), "the messages of its time are retired"), (letter.Id, letter.Reason));
        Assert.Equal(stillAttached ? 1 : 0, await _stores.ScalarAsync<long>("SELECT count(*) FROM sms_partitions WHERE name = $1", January));
        await AssertExactAsync();
    }

    [Fact]
    public async Task Run_while_old_messages_are_ingested_counts_each_once_or_pays_it_back()
    {
        // The buffer is full of messages of January: some are stored before the partition closes, the others are refused.
        var late = new List<QueuedMessage>();
        for (int i = 0; i < 200; i++)
        {
            late.Add(await _stores.AcceptedAsync(_stores.NewMessage(_first, cost: 1) with { Id = MessageId.New(TestClock.Start) }));
        }

        await _stores.ExecuteAsync($"ALTER TABLE {January} ALTER COLUMN state SET DEFAULT 'delivered'");
        var ingester = _stores.NewIngester(_stores.NewWorker());
        var ingest = Task.Run(async () =>
        {
            while (await ingester.ClaimAsync(_stores.Keys, Guid.CreateVersion7(), 5) is { } claim)
            {
                await ProcessUntilDoneAsync(() => ingester.ProcessAsync(_stores.Keys, claim, default));
            }
        });
        while (!ingest.IsCompleted && (await RunAsync()).Any(result => result.HeldBy is not null))
        {
            await AssertMessagesExactAsync();
        }

        await ingest;
        // A busy machine's autovacuum may hold the partition up once more.
        while ((await RunAsync()).Any(result => result.HeldBy is not null))
        {
            await AssertMessagesExactAsync();
        }

        await _stores.Sync.SyncAllAsync(default);
        long recorded = await _stores.ScalarAsync<long>("SELECT messages FROM retired_usage WHERE user_id = $1", _first);
        Assert.Equal(3 + late.Count, recorded + await _stores.Redis.ListLengthAsync(_stores.Keys.DeadLetters));
        await AssertExactAsync();
    }

    /// <summary>As the claim loop does: a claim whose partition has gone in that moment is tried again.</summary>
    private static async Task ProcessUntilDoneAsync(Func<Task> process)
    {
        while (true)
        {
            try
            {
                await process();
                return;
            }
            catch (PostgresException gone) when (gone.SqlState == PostgresErrorCodes.CheckViolation)
            {
            }
        }
    }

    private async Task DieAfterRecordingAsync()
    {
        // A transaction that uses the table holds up the detach; the run dies before it has begun to.
        await using var blocker = await _stores.Database.OpenConnectionAsync();
        await using var transaction = await blocker.BeginTransactionAsync();
        await using (var take = new NpgsqlCommand("LOCK TABLE ONLY sms_messages IN SHARE UPDATE EXCLUSIVE MODE", blocker, transaction))
        {
            await take.ExecuteNonQueryAsync();
        }

        using var die = new CancellationTokenSource();
        var run = _stores.NewRetention().RunAsync(Kept, UnknownOutcomes.Hold, die.Token);
        await Until.CompleteAsync(Limit, async () =>
            await _stores.ScalarAsync<long>("SELECT count(*) FROM retired_partitions") == 1 ? "" : "nothing is recorded");
        await die.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => run);
    }

    private Task<IReadOnlyList<RetiredPartition>> RunAsync() => _stores.NewRetention().RunAsync(Kept, UnknownOutcomes.Hold, default);

    private async Task<QueuedMessage> SendAsync(long userId, long cost, MessageState state)
    {
        var message = await _stores.AcceptedAsync(_stores.NewMessage(userId, cost));
        await _stores.IngestAsync();
        await _stores.ClaimDispatchAsync(1);
        await _stores.CompleteDispatchAsync(message.Id, state);
        await _stores.FlushStatusAsync();
        return message;
    }

    private Task<IReadOnlyList<SmsGateway.Workers.Audit.AuditLine>> AuditAsync() =>
        new SmsGateway.Workers.Audit.MoneyAudit(_stores.Database, _stores.NewReconciliation()).RunAsync(default);

    private async Task AssertMessagesExactAsync() => Assert.Empty(await _stores.NewReconciliation().ReadMessageDifferencesAsync(default));

    private async Task AssertExactAsync() => Assert.DoesNotContain(await AuditAsync(), line => line.IsViolation);
}
