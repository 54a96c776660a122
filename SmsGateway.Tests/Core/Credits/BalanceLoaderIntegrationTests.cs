using SmsGateway.Core.Credits;
using SmsGateway.Tests.Fixtures;

using StackExchange.Redis;

namespace SmsGateway.Tests.Core.Credits;

[Collection(InfrastructureCollection.Name)]
public sealed class BalanceLoaderIntegrationTests(Infrastructure infrastructure) : IAsyncLifetime
{
    private Stores _stores = null!;

    public async Task InitializeAsync()
    {
        _stores = await infrastructure.NewStoresAsync();
        await _stores.OpenEpochAsync();
    }

    public async Task DisposeAsync() => await _stores.DisposeAsync();

    [Fact]
    public async Task Load_thousand_first_requests_at_once_in_four_processes_load_once_and_never_overspend()
    {
        // ORIGINAL.md, fault 2: a balance missing in Redis was reloaded without what was still pending. Here 4,000 of 10,000 are.
        long userId = await _stores.NewAccountAsync(10_000);
        await _stores.AcceptedAsync(_stores.NewMessage(userId, cost: 4_000));
        var balance = _stores.Keys.UserBalance(userId);
        await _stores.Redis.KeyDeleteAsync(balance);
        int loads = 0;
        var server = _stores.Connection.GetServer(_stores.Connection.GetEndPoints()[0]);
        await server.ConfigSetAsync("notify-keyspace-events", "K$");
        var subscriber = _stores.Connection.GetSubscriber();
        var events = RedisChannel.Literal($"__keyspace@{_stores.Redis.Database}__:{balance}");
        await subscriber.SubscribeAsync(events, (_, what) => loads += what == "set" ? 1 : 0);
        BalanceLoader[] processes = [.. Enumerable.Range(0, 4).Select(_ => new BalanceLoader(_stores.Connection, _stores.Database, _stores.Shards))];

        var sends = Task.WhenAll(Enumerable.Range(0, 1_000).Select(n => SendAsync(processes[n % processes.Length])));
        Assert.False(await _stores.Redis.KeyExistsAsync(balance));
        await _stores.IngestAsync();
        int[] codes = await sends;

        Assert.Equal(6, codes.Count(code => code == 1));
        Assert.Equal(994, codes.Count(code => code == 4));
        Assert.Equal((0, 10_000), await _stores.MoneyAsync(userId));
        // Events come in the order of the commands, on a connection of their own: the last of ours comes last.
        var last = new TaskCompletionSource();
        var ended = RedisChannel.Literal($"{events}:last");
        await subscriber.SubscribeAsync(ended, (_, _) => last.TrySetResult());
        await subscriber.PublishAsync(ended, "");
        await last.Task.WaitAsync(TimeSpan.FromSeconds(20));
        Assert.Equal(1, loads);
        await server.ConfigSetAsync("notify-keyspace-events", "");

        async Task<int> SendAsync(BalanceLoader loader)
        {
            // As Acceptor does.
            while (true)
            {
                int code = (await _stores.AcceptAsync(_stores.NewMessage(userId, cost: 1_000))).Code;
                if (code != 5)
                {
                    return code;
                }

                await loader.LoadAsync(userId, default);
            }
        }
    }

    [Fact]
    public async Task Load_while_something_is_buffered_is_put_off()
    {
        long userId = await _stores.NewAccountAsync(10_000);
        await _stores.AcceptedAsync(_stores.NewMessage(userId, cost: 4_000));
        await _stores.Redis.KeyDeleteAsync(_stores.Keys.UserBalance(userId));

        Assert.Equal(BalanceLoadResult.Busy, await _stores.Loader.LoadAsync(userId, default));
        await _stores.IngestAsync();
        Assert.Equal(BalanceLoadResult.Loaded, await _stores.Loader.LoadAsync(userId, default));

        Assert.Equal((6_000, 4_000), await _stores.MoneyAsync(userId));
    }

    [Fact]
    public async Task Load_by_a_loader_that_stood_still_until_another_took_its_place_stores_nothing()
    {
        long userId = await _stores.NewAccountAsync(10_000);
        Assert.Equal(BalanceLoader.BeginCode.Begun, await _stores.Loader.BeginAsync(userId, "still"));
        var old = (await _stores.NewReader().ReadDatabaseAsync(userId, MoneyReader.Latest, default))!.Value;
        await _stores.Redis.KeyDeleteAsync(_stores.Keys.BalanceLoad(userId));
        Assert.Equal(BalanceLoader.BeginCode.Begun, await _stores.Loader.BeginAsync(userId, "heir"));

        Assert.False(await _stores.Loader.FinishAsync(userId, "still", old));
        Assert.False(await _stores.Redis.KeyExistsAsync(_stores.Keys.UserBalance(userId)));
        Assert.True(await _stores.Loader.FinishAsync(userId, "heir", old));
        Assert.False(await _stores.Loader.FinishAsync(userId, "still", old));
    }

    [Fact]
    public async Task Load_unknown_account_says_so() =>
        Assert.Equal(BalanceLoadResult.UnknownAccount, await _stores.Loader.LoadAsync(424_242, default));
}
