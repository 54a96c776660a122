using Npgsql;

using SmsGateway.Core.Credits;
using SmsGateway.Core.Money;
using SmsGateway.Tests.Fixtures;

namespace SmsGateway.Tests.Core.Credits;

[Collection(InfrastructureCollection.Name)]
public sealed class CreditWriterIntegrationTests(Infrastructure infrastructure) : IAsyncLifetime
{
    private const int Rounds = 200;

    private Stores _stores = null!;
    private CreditWriter _writer = null!;
    private long _userId;
    private long _otherId;

    public async Task InitializeAsync()
    {
        _stores = await infrastructure.NewStoresAsync();
        await _stores.OpenEpochAsync();
        _userId = await _stores.NewAccountAsync(0);
        _otherId = await _stores.NewAccountAsync(0);
        _writer = new(_stores.Database);
    }

    public async Task DisposeAsync() => await _stores.DisposeAsync();

    [Fact]
    public async Task Add_same_reference_many_at_once_is_written_once()
    {
        for (int round = 0; round < Rounds; round++)
        {
            var results = await Task.WhenAll(Enumerable.Range(0, 6).Select(n => AddAsync(_userId, 10 + (n % 2), $"round {round}")));
            Assert.Single(results, result => result == CreditResult.Written);
            Assert.All(results, result => Assert.Contains(result, new[] { CreditResult.Written, CreditResult.WrittenBefore, CreditResult.OtherAmount }));
        }

        Assert.Equal(Rounds, await _stores.ScalarAsync<long>("SELECT count(*) FROM credit_ledger"));
    }

    [Fact]
    public async Task Add_answer_to_the_commit_was_lost_is_written_once_when_it_is_repeated()
    {
        // Another session stands for the attempt whose client never heard of its commit.
        await _stores.AddTopUpRowAsync(_userId, 7);
        await _stores.ExecuteAsync("UPDATE credit_ledger SET reference = 'lost'");

        Assert.Equal(CreditResult.WrittenBefore, await AddAsync(_userId, 7, "lost"));
        Assert.Equal(CreditResult.OtherAmount, await AddAsync(_userId, 8, "lost"));
        await _stores.Sync.SyncAllAsync(default);
        Assert.Equal(7, await _stores.DatabaseBalanceAsync(_userId));
    }

    [Fact]
    public async Task Add_name_of_a_request_is_good_for_that_request_only()
    {
        Assert.Equal(CreditResult.Written, await AddAsync(_userId, 5, "a", new(1, "name", "print")));
        Assert.Equal(CreditResult.WrittenBefore, await AddAsync(_userId, 5, "a", new(1, "name", "print")));
        Assert.Equal(CreditResult.OtherRequest, await AddAsync(_userId, 5, "b", new(1, "name", "other print")));
        Assert.Equal(CreditResult.OtherRequest, await AddAsync(_otherId, 5, "a", new(1, "name", "other account")));
        Assert.Equal(CreditResult.Written, await AddAsync(_otherId, 5, "a", new(2, "name", "another caller")));

        Assert.Equal(2, await _stores.ScalarAsync<long>("SELECT count(*) FROM credit_ledger"));
    }

    [Fact]
    public async Task Add_name_used_for_two_accounts_at_once_adds_to_one_of_them()
    {
        for (int round = 0; round < Rounds; round++)
        {
            var results = await Task.WhenAll(
                AddAsync(_userId, 5, $"{round}", new(1, $"{round}", "one")), AddAsync(_otherId, 5, $"{round}", new(1, $"{round}", "other")));
            Assert.Equal([CreditResult.Written, CreditResult.OtherRequest], results.Order());
        }

        Assert.Equal(Rounds, await _stores.ScalarAsync<long>("SELECT count(*) FROM credit_ledger"));
    }

    [Fact]
    public async Task Add_beyond_what_any_balance_may_be_is_refused()
    {
        Assert.Equal(CreditResult.Written, await AddAsync(_userId, Amount.MaxUnits - 1, "a"));
        Assert.Equal(CreditResult.BalanceTooLarge, await AddAsync(_userId, 2, "b"));
        Assert.Equal(CreditResult.Written, await AddAsync(_userId, 1, "c"));
    }

    [Fact]
    public async Task Add_session_that_ends_before_the_commit_leaves_nothing()
    {
        await using (var session = await _stores.Database.OpenConnectionAsync())
        {
            await using var transaction = await session.BeginTransactionAsync();
            await using var hold = new NpgsqlCommand("SELECT 1 FROM credit_accounts WHERE user_id = $1 FOR NO KEY UPDATE", session);
            hold.Parameters.Add(new() { Value = _userId });
            await hold.ExecuteScalarAsync();
            var adding = AddAsync(_userId, 5, "killed", new(1, "killed", "print"));
            await _stores.ExecuteAsync(
                """
                DO $$ BEGIN
                  LOOP
                    PERFORM pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock';
                    EXIT WHEN FOUND;
                    PERFORM pg_stat_clear_snapshot();
                  END LOOP;
                END $$
                """);
            await Assert.ThrowsAnyAsync<NpgsqlException>(() => adding);
        }

        Assert.Equal(0, await _stores.ScalarAsync<long>("SELECT count(*) FROM credit_ledger"));
        Assert.Equal(CreditResult.Written, await AddAsync(_userId, 5, "killed", new(1, "killed", "print")));
    }

    private async Task<CreditResult> AddAsync(long userId, long units, string reference, NamedRequest? request = null) =>
        (await _writer.AddAsync(new(userId, LedgerKinds.TopUp, new(units), reference, null) { Request = request }, default)).Result;
}
