using SmsGateway.Core.Messages;
using SmsGateway.Tests.Fixtures;

namespace SmsGateway.Tests.Core.Redis;

[Collection(InfrastructureCollection.Name)]
public sealed class AcceptScriptIntegrationTests(Infrastructure infrastructure) : IAsyncLifetime
{
    private Stores _stores = null!;
    private long _userId;

    public async Task InitializeAsync()
    {
        _stores = await infrastructure.NewStoresAsync();
        await _stores.OpenEpochAsync();
        _userId = await _stores.NewAccountAsync(10_000);
        await _stores.Loader.LoadAsync(_userId, default);
    }

    public async Task DisposeAsync() => await _stores.DisposeAsync();

    [Fact]
    public async Task Accept_takes_the_cost_and_queues_the_message()
    {
        var message = _stores.NewMessage(_userId, cost: 3_000);

        var (code, _) = await _stores.AcceptAsync(message);

        Assert.Equal(1, code);
        Assert.Equal((7_000, 3_000), await _stores.MoneyAsync(_userId));
        Assert.Equal(message.Id.ToString(), (string?)await _stores.Redis.ListGetByIndexAsync(_stores.Keys.NormalQueue, 0));
        Assert.Equal(message, MessageJson.ReadMessage((byte[])(await _stores.Redis.HashGetAsync(_stores.Keys.Messages, message.Id.ToString()))!));
        Assert.Equal(3_000, (long)await _stores.Redis.HashGetAsync(_stores.Keys.BufferedCost, _userId));
    }

    [Fact]
    public async Task Accept_balance_too_low_changes_nothing()
    {
        var (code, balance) = await _stores.AcceptAsync(_stores.NewMessage(_userId, cost: 10_001), "request");

        Assert.Equal((4, "10000"), (code, balance));
        await AssertUntouchedAsync();
    }

    [Fact]
    public async Task Accept_exactly_the_balance_leaves_nothing()
    {
        Assert.Equal(1, (await _stores.AcceptAsync(_stores.NewMessage(_userId, cost: 10_000))).Code);

        Assert.Equal((0, 10_000), await _stores.MoneyAsync(_userId));
        Assert.Equal(4, (await _stores.AcceptAsync(_stores.NewMessage(_userId, cost: 1))).Code);
    }

    [Fact]
    public async Task Accept_beyond_the_precision_of_a_double_is_exact()
    {
        const long balance = 9_007_199_254_740_993;
        await _stores.Redis.StringSetAsync(_stores.Keys.UserBalance(_userId), balance);

        Assert.Equal(4, (await _stores.AcceptAsync(_stores.NewMessage(_userId, cost: balance + 1))).Code);
        Assert.Equal(1, (await _stores.AcceptAsync(_stores.NewMessage(_userId, cost: balance))).Code);
        Assert.Equal((0, balance), await _stores.MoneyAsync(_userId));
    }

    [Fact]
    public async Task Accept_same_request_twice_charges_once_and_answers_the_same()
    {
        var message = _stores.NewMessage(_userId);

        Assert.Equal(1, (await _stores.AcceptAsync(message, "request")).Code);
        var (code, detail) = await _stores.AcceptAsync(_stores.NewMessage(_userId), "request");

        Assert.Equal((2, $"{message.Id} 1000"), (code, detail));
        Assert.Equal((9_000, 1_000), await _stores.MoneyAsync(_userId));
        Assert.Equal(1, await _stores.Redis.ListLengthAsync(_stores.Keys.NormalQueue));
    }

    [Fact]
    public async Task Accept_same_key_for_another_request_is_refused()
    {
        await _stores.AcceptAsync(_stores.NewMessage(_userId), "request", fingerprint: "first");

        var (code, _) = await _stores.AcceptAsync(_stores.NewMessage(_userId), "request", fingerprint: "other");

        Assert.Equal(3, code);
        Assert.Equal((9_000, 1_000), await _stores.MoneyAsync(_userId));
    }

    [Fact]
    public async Task Accept_same_request_many_times_at_once_charges_once()
    {
        var answers = await Task.WhenAll(Enumerable.Range(0, 1_000).Select(_ => _stores.AcceptAsync(_stores.NewMessage(_userId), "request")));

        Assert.Single(answers, answer => answer.Code == 1);
        Assert.Equal(999, answers.Count(answer => answer.Code == 2));
        Assert.Single(answers.Where(answer => answer.Code == 2).Select(answer => answer.Detail).Distinct());
        Assert.Equal((9_000, 1_000), await _stores.MoneyAsync(_userId));
    }

    [Fact]
    public async Task Accept_many_at_once_never_overspends()
    {
        var answers = await Task.WhenAll(Enumerable.Range(0, 2_000).Select(_ => _stores.AcceptAsync(_stores.NewMessage(_userId, cost: 30))));

        Assert.Equal(333, answers.Count(answer => answer.Code == 1));
        Assert.Equal(1_667, answers.Count(answer => answer.Code == 4));
        Assert.Equal((10, 9_990), await _stores.MoneyAsync(_userId));
    }

    [Fact]
    public async Task Accept_backlog_full_changes_nothing()
    {
        var (code, _) = await _stores.AcceptAsync(_stores.NewMessage(_userId), "request", backlog: 0);

        Assert.Equal(6, code);
        await AssertUntouchedAsync();
    }

    [Fact]
    public async Task Accept_balance_missing_asks_for_it()
    {
        await _stores.Redis.KeyDeleteAsync(_stores.Keys.UserBalance(_userId));

        Assert.Equal(5, (await _stores.AcceptAsync(_stores.NewMessage(_userId))).Code);
    }

    [Fact]
    public async Task Accept_without_an_epoch_is_closed()
    {
        await _stores.Redis.KeyDeleteAsync(_stores.Keys.Epoch);

        Assert.Equal(7, (await _stores.AcceptAsync(_stores.NewMessage(_userId), "request")).Code);
        await AssertUntouchedAsync();
    }

    private async Task AssertUntouchedAsync()
    {
        Assert.Equal((10_000, 0), await _stores.MoneyAsync(_userId));
        Assert.False(await _stores.Redis.KeyExistsAsync(_stores.Keys.Messages));
        Assert.False(await _stores.Redis.KeyExistsAsync(_stores.Keys.NormalQueue));
        Assert.False(await _stores.Redis.KeyExistsAsync(_stores.Keys.BufferedCost));
        Assert.False(await _stores.Redis.KeyExistsAsync(_stores.Keys.Idempotency(_userId, "request")));
    }
}
