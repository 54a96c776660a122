using Microsoft.Extensions.Options;

using SmsGateway.Api;
using SmsGateway.Api.Credits;
using SmsGateway.Core.Credits;
using SmsGateway.Tests.Core.Credits;
using SmsGateway.Tests.Fixtures;

namespace SmsGateway.Tests.Api.Credits;

[Collection(InfrastructureCollection.Name)]
public sealed class BalancesIntegrationTests(Infrastructure infrastructure) : IAsyncLifetime
{
    private Stores _stores = null!;
    private Balances _balances = null!;
    private long _userId;

    public async Task InitializeAsync()
    {
        _stores = await infrastructure.NewStoresAsync();
        await _stores.OpenEpochAsync();
        _userId = await _stores.NewAccountAsync(10_000);
        _balances = new(_stores.NewReader(), Options.Create(new RedisOptions()), TimeProvider.System);
    }

    public async Task DisposeAsync() => await _stores.DisposeAsync();

    [Fact]
    public async Task Find_between_the_two_halves_of_a_sync_the_numbers_fit()
    {
        await _stores.AcceptedAsync(_stores.NewMessage(_userId, cost: 1_000));
        await _stores.IngestAsync();
        await _stores.AddTopUpRowAsync(_userId, 50);
        await _stores.Sync.ApplyToDatabaseAsync([_userId], CreditSync.LockWait.Wait, default);
        await AssertAsync(balance: 9_000, pending: 1_000, database: 10_000);

        await _stores.Sync.SyncAllAsync(default);
        await AssertAsync(balance: 9_050, pending: 0, database: 9_050);
    }

    [Fact]
    public async Task Find_while_money_moves_the_numbers_always_fit_and_are_never_below_zero()
    {
        var moving = MoveAsync();
        while (!moving.IsCompleted)
        {
            var view = (await _balances.FindAsync(_userId, default))!;
            Assert.Equal(view.Balance.Units, view.DatabaseBalance!.Value.Units - view.Pending.Units);
            Assert.True(view.Balance.Units >= 0);
        }

        await moving;

        async Task MoveAsync()
        {
            for (int i = 0; i < 300; i++)
            {
                await _stores.Loader.LoadAsync(_userId, default);
                await _stores.AcceptAsync(_stores.NewMessage(_userId, cost: 900));
                await _stores.IngestAsync();
                await _stores.TopUpAsync(_userId, 100);
                if (i % 10 == 0)
                {
                    await _stores.Redis.KeyDeleteAsync(_stores.Keys.UserBalance(_userId));
                }
            }
        }
    }

    [Fact]
    public async Task Find_balance_that_Redis_lacks_is_told_from_the_database()
    {
        await _stores.AcceptedAsync(_stores.NewMessage(_userId, cost: 1_000));
        await _stores.IngestAsync();
        await _stores.AcceptedAsync(_stores.NewMessage(_userId, cost: 500));
        await _stores.Redis.KeyDeleteAsync(_stores.Keys.UserBalance(_userId));

        await AssertAsync(balance: 8_500, pending: 1_500, database: 10_000);
        Assert.Null(await _balances.FindAsync(424_242, default));
    }

    private async Task AssertAsync(long balance, long pending, long database)
    {
        var view = (await _balances.FindAsync(_userId, default))!;
        Assert.Equal((balance, pending, database), (view.Balance.Units, view.Pending.Units, view.DatabaseBalance!.Value.Units));
    }
}
