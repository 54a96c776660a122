using SmsGateway.Core.Redis;
using SmsGateway.Tests.Core.Credits;
using SmsGateway.Tests.Fixtures;

namespace SmsGateway.Tests.Core.Redis;

[Collection(InfrastructureCollection.Name)]
public sealed class DispatchSwitchIntegrationTests(Infrastructure infrastructure)
{
    [Fact]
    public async Task Pause_stops_claiming_until_resumed_and_nothing_else()
    {
        await using var stores = await infrastructure.NewStoresAsync();
        await stores.OpenEpochAsync();
        long userId = await stores.NewAccountAsync(10_000);
        var dispatch = new DispatchSwitch(stores.Connection, stores.Shards);
        Assert.Null(await dispatch.ReadAsync());

        await dispatch.PauseAsync("the provider is replaced", TestClock.Start);
        await dispatch.PauseAsync("again", TestClock.Start.AddHours(1));
        var message = await stores.AcceptedAsync(stores.NewMessage(userId));
        await stores.IngestAsync();

        Assert.Equal(new(TestClock.Start, "the provider is replaced"), await dispatch.ReadAsync());
        Assert.Empty(await stores.ClaimDispatchAsync(1));
        Assert.Equal("queued", await stores.StateAsync(message.Id));

        await dispatch.ResumeAsync();

        Assert.Null(await dispatch.ReadAsync());
        Assert.Equal([message.Id], await stores.ClaimDispatchAsync(1));
    }
}
