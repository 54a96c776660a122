using SmsGateway.Core.Credits;
using SmsGateway.Tests.Fixtures;

namespace SmsGateway.Tests.Core.Credits;

[Collection(InfrastructureCollection.Name)]
public sealed class AdjusterIntegrationTests(Infrastructure infrastructure) : IAsyncLifetime
{
    private Stores _stores = null!;
    private Adjuster _adjuster = null!;
    private long _userId;

    public async Task InitializeAsync()
    {
        _stores = await infrastructure.NewStoresAsync();
        await _stores.OpenEpochAsync();
        _userId = await _stores.NewAccountAsync(10_000);
        _adjuster = _stores.NewAdjuster();
    }

    public async Task DisposeAsync() => await _stores.DisposeAsync();

    [Fact]
    public async Task Adjust_positive_is_added_once_and_can_be_spent_at_once()
    {
        await _stores.Loader.LoadAsync(_userId, default);

        Assert.Equal(CreditResult.Written, await AdjustAsync(500, "a"));
        Assert.Equal(CreditResult.WrittenBefore, await AdjustAsync(500, "a"));
        Assert.Equal(CreditResult.OtherAmount, await AdjustAsync(501, "a"));

        await AssertSettledAsync(10_500);
    }

    [Fact]
    public async Task Adjust_negative_is_taken_once_even_where_the_balance_must_be_loaded_first()
    {
        Assert.Equal(CreditResult.Written, await AdjustAsync(-4_000, "a"));
        Assert.Equal(CreditResult.WrittenBefore, await AdjustAsync(-4_000, "a"));
        Assert.Equal(CreditResult.OtherAmount, await AdjustAsync(-1, "a"));
        Assert.Equal(CreditResult.OtherAmount, await AdjustAsync(4_000, "a"));

        await AssertSettledAsync(6_000);
        Assert.Equal("because", await _stores.ScalarAsync<string>("SELECT description FROM credit_ledger WHERE kind = 'adjustment'"));
    }

    [Fact]
    public async Task Adjust_more_than_can_be_spent_changes_nothing()
    {
        await _stores.AcceptedAsync(_stores.NewMessage(_userId, cost: 7_000));

        Assert.Equal(CreditResult.BalanceTooLow, await AdjustAsync(-3_001, "a"));
        Assert.Equal(CreditResult.Written, await AdjustAsync(-3_000, "a"));

        await _stores.DrainAsync([_userId]);
        await AssertSettledAsync(0);
    }

    [Fact]
    public async Task Adjust_account_that_is_not_there_is_refused()
    {
        Assert.Equal(CreditResult.UnknownAccount, await _adjuster.AdjustAsync(new(424_242, LedgerKinds.Adjustment, new(1), "a", "because"), default));
        Assert.Equal(CreditResult.UnknownAccount, await _adjuster.AdjustAsync(new(424_242, LedgerKinds.Adjustment, new(-1), "a", "because"), default));
    }

    [Fact]
    public async Task Adjust_died_after_it_was_taken_is_completed_by_the_sync()
    {
        await _stores.Loader.LoadAsync(_userId, default);
        await _adjuster.BeginAsync(new(_userId, -4_000, "a", "because"), 0);
        Assert.Equal((6_000, 4_000), await _stores.MoneyAsync(_userId));

        await _stores.Redis.HashSetAsync(_stores.Keys.Adjustments, "by hand", "no adjustment");

        Assert.Equal((2, 1), await _stores.NewAdjuster().CompleteAllAsync(default));
        Assert.Equal((1, 1), await _stores.NewAdjuster().CompleteAllAsync(default));

        await _stores.DrainAsync([_userId]);
        await AssertSettledAsync(6_000);
    }

    [Fact]
    public async Task Adjust_taken_but_its_reference_names_another_row_is_given_back()
    {
        await _stores.Loader.LoadAsync(_userId, default);
        await _adjuster.BeginAsync(new(_userId, -4_000, "a", "because"), 0);
        await _stores.ExecuteAsync("INSERT INTO credit_ledger (user_id, kind, amount, reference) VALUES ($1, 'adjustment', 5, 'a')", _userId);

        Assert.Equal(CreditResult.OtherAmount, await AdjustAsync(-4_000, "a"));

        await _stores.DrainAsync([_userId]);
        await AssertSettledAsync(10_005);
    }

    [Fact]
    public async Task Adjust_asked_the_ledger_before_another_process_finished_the_same_is_not_taken_again()
    {
        await _stores.Loader.LoadAsync(_userId, default);
        var finishedBefore = await _adjuster.ReadFinishedAsync(_userId);
        await AdjustAsync(-4_000, "a");

        var (code, _) = await _adjuster.BeginAsync(new(_userId, -4_000, "a", "because"), finishedBefore);

        Assert.Equal(Adjuster.BeginCode.AskLedgerAgain, code);
        await AssertSettledAsync(6_000);
    }

    [Fact]
    public async Task Adjust_begun_holds_up_a_rebuild_until_the_ledger_has_it()
    {
        await _stores.Loader.LoadAsync(_userId, default);
        await _adjuster.BeginAsync(new(_userId, -4_000, "a", "because"), 0);
        await _stores.Redis.KeyDeleteAsync(_stores.Keys.Epoch);

        Assert.Equal(CreditResult.NotNow, await AdjustAsync(-1, "b"));
        Assert.False(await _stores.NewRebuild().RunAsync(_stores.Keys, "a test", default));
        await _adjuster.CompleteAllAsync(default);
        await _stores.OpenEpochAsync();

        await _stores.DrainAsync([_userId]);
        await AssertSettledAsync(6_000);
    }

    [Fact]
    public async Task Adjust_by_a_process_that_stood_still_while_Redis_lost_time_is_not_written()
    {
        await _stores.Loader.LoadAsync(_userId, default);
        var taken = new Adjustment(_userId, -4_000, "a", "because") { Epoch = await _adjuster.ReadEpochAsync(_stores.Keys, default) };
        await _adjuster.BeginAsync(taken, 0);
        await _stores.Redis.ExecuteAsync("FLUSHDB");
        await _stores.OpenEpochAsync();
        await _stores.AcceptedAsync(_stores.NewMessage(_userId, cost: 10_000));

        Assert.Equal(CreditResult.NotNow, await _adjuster.CompleteAsync(taken, default));
        Assert.Equal(CreditResult.BalanceTooLow, await AdjustAsync(-4_000, "a"));

        await _stores.DrainAsync([_userId]);
        await AssertSettledAsync(0);
    }

    [Fact]
    public async Task Adjust_same_reference_many_at_once_is_taken_once()
    {
        for (int round = 0; round < 100; round++)
        {
            string reference = $"round {round}";
            var results = await Task.WhenAll(Enumerable.Range(0, 6).Select(n => AdjustAsync(-10, reference)));
            Assert.All(results, result => Assert.True(result is CreditResult.Written or CreditResult.WrittenBefore, $"{result}"));
        }

        await AssertSettledAsync(9_000);
    }

    [Fact]
    public async Task Adjust_many_at_once_never_takes_more_than_there_is()
    {
        var results = await Task.WhenAll(Enumerable.Range(0, 200).Select(n => AdjustAsync(-100, $"{n}")));

        Assert.Equal(100, results.Count(result => result == CreditResult.Written));
        Assert.Equal(100, results.Count(result => result == CreditResult.BalanceTooLow));
        await AssertSettledAsync(0);
    }

    private Task<CreditResult> AdjustAsync(long units, string reference) =>
        _adjuster.AdjustAsync(new(_userId, LedgerKinds.Adjustment, new(units), reference, "because"), default);

    private Task AssertSettledAsync(long balance) => _stores.AssertSettledAsync(new Dictionary<long, long> { [_userId] = balance });
}
