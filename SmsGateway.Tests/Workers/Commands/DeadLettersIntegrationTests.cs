using SmsGateway.Core.Messages;
using SmsGateway.Tests.Fixtures;
using SmsGateway.Workers.Commands;

namespace SmsGateway.Tests.Workers.Commands;

[Collection(InfrastructureCollection.Name)]
public sealed class DeadLettersIntegrationTests(Infrastructure infrastructure)
{
    [Fact]
    public async Task Requeue_message_of_an_account_that_exists_now_is_stored_and_charged()
    {
        await using var stores = await infrastructure.NewStoresAsync();
        await stores.OpenEpochAsync();
        const long userId = 777;
        var message = stores.NewMessage(userId);
        await stores.Redis.HashSetAsync(stores.Keys.Messages, message.Id.ToString(), MessageJson.Write(message));
        await stores.Redis.HashIncrementAsync(stores.Keys.BufferedCost, userId, message.CostUnits);
        await stores.Redis.ListRightPushAsync(stores.Keys.NormalQueue, message.Id.ToString());
        await stores.IngestAsync();
        await stores.ExecuteAsync("INSERT INTO accounts (user_id, name) VALUES ($1, 'late')", userId);
        await stores.ExecuteAsync("INSERT INTO credit_accounts (user_id) VALUES ($1)", userId);

        var deadLetters = new DeadLetters(stores.Connection, stores.Shards);
        var (keys, raw, letter) = Assert.Single(await deadLetters.ReadAsync());
        Assert.True(await deadLetters.RequeueAsync(keys, raw, letter!));
        Assert.False(await deadLetters.RequeueAsync(keys, raw, letter!));
        await stores.IngestAsync();

        Assert.Equal("queued", await stores.StateAsync(message.Id));
        Assert.Empty(await deadLetters.ReadAsync());
        Assert.Equal(-message.CostUnits, await stores.ScalarAsync<long>("SELECT sum(amount)::bigint FROM credit_ledger WHERE kind = 'usage'"));
        Assert.False(await stores.Redis.HashExistsAsync(stores.Keys.BufferedCost, userId));
    }

    [Fact]
    public async Task Requeue_what_cannot_be_read_stays()
    {
        await using var stores = await infrastructure.NewStoresAsync();
        await stores.OpenEpochAsync();
        await stores.Redis.ListRightPushAsync(stores.Keys.NormalQueue, "an id without a payload");
        await stores.IngestAsync();

        var deadLetters = new DeadLetters(stores.Connection, stores.Shards);
        var (keys, raw, letter) = Assert.Single(await deadLetters.ReadAsync());

        Assert.False(await deadLetters.RequeueAsync(keys, raw, letter!));
        Assert.Single(await deadLetters.ReadAsync());
    }
}
