using SmsGateway.Tests.Fixtures;
using SmsGateway.Workers.Commands;

namespace SmsGateway.Tests.Workers.Commands;

[Collection(InfrastructureCollection.Name)]
public sealed class DeadLettersIntegrationTests(Infrastructure infrastructure)
{
    [Fact]
    public async Task Requeue_message_that_was_set_aside_is_stored_and_charged_again()
    {
        await using var stores = await infrastructure.NewStoresAsync();
        await stores.OpenEpochAsync();
        long userId = await stores.NewAccountAsync(10_000);
        var message = await stores.AcceptedAsync(stores.NewMessage(userId));
        await stores.ExecuteAsync("ALTER TABLE sms_messages ADD CONSTRAINT refused CHECK (recipient = '')");
        await stores.IngestAsync();
        Assert.Equal((10_000, 0), await stores.MoneyAsync(userId));
        await stores.ExecuteAsync("ALTER TABLE sms_messages DROP CONSTRAINT refused");

        var deadLetters = new DeadLetters(stores.Connection, stores.Shards, stores.Gate, stores.Loader);
        var (keys, raw, letter) = Assert.Single(await deadLetters.ReadAsync());
        Assert.Equal(RequeueResult.Requeued, await deadLetters.RequeueAsync(keys, raw, letter!, default));
        Assert.Equal(RequeueResult.Gone, await deadLetters.RequeueAsync(keys, raw, letter!, default));
        Assert.Equal((9_000, 1_000), await stores.MoneyAsync(userId));
        await stores.IngestAsync();
        await stores.Sync.SyncAccountAsync(userId, default);

        Assert.Equal("queued", await stores.StateAsync(message.Id));
        Assert.Empty(await deadLetters.ReadAsync());
        Assert.Equal((9_000, 0), await stores.MoneyAsync(userId));
        Assert.Equal(9_000, await stores.DatabaseBalanceAsync(userId));
        Assert.False(await stores.Redis.HashExistsAsync(stores.Keys.BufferedCost, userId));
    }

    [Fact]
    public async Task Requeue_message_that_the_account_cannot_pay_any_more_stays()
    {
        await using var stores = await infrastructure.NewStoresAsync();
        await stores.OpenEpochAsync();
        long userId = await stores.NewAccountAsync(1_000);
        await stores.AcceptedAsync(stores.NewMessage(userId));
        await stores.ExecuteAsync("ALTER TABLE sms_messages ADD CONSTRAINT refused CHECK (recipient = '')");
        await stores.IngestAsync();
        await stores.AcceptedAsync(stores.NewMessage(userId, cost: 1));

        var deadLetters = new DeadLetters(stores.Connection, stores.Shards, stores.Gate, stores.Loader);
        var (keys, raw, letter) = Assert.Single(await deadLetters.ReadAsync());

        Assert.Equal(RequeueResult.BalanceTooLow, await deadLetters.RequeueAsync(keys, raw, letter!, default));
        Assert.Single(await deadLetters.ReadAsync());
        Assert.Equal((999, 1), await stores.MoneyAsync(userId));
    }

    [Fact]
    public async Task Requeue_what_cannot_be_read_stays()
    {
        await using var stores = await infrastructure.NewStoresAsync();
        await stores.OpenEpochAsync();
        await stores.Redis.ListRightPushAsync(stores.Keys.NormalQueue, "an id without a payload");
        await stores.IngestAsync();

        var deadLetters = new DeadLetters(stores.Connection, stores.Shards, stores.Gate, stores.Loader);
        var (keys, raw, letter) = Assert.Single(await deadLetters.ReadAsync());

        Assert.Equal(RequeueResult.Gone, await deadLetters.RequeueAsync(keys, raw, letter!, default));
        Assert.Single(await deadLetters.ReadAsync());
    }
}
