using SmsGateway.Core.Messages;
using SmsGateway.Core.Redis;
using SmsGateway.Tests.Fixtures;
using SmsGateway.Workers.Recovery;

using StackExchange.Redis;

namespace SmsGateway.Tests.Workers.Recovery;

[Collection(InfrastructureCollection.Name)]
public sealed class RedisRebuildIntegrationTests(Infrastructure infrastructure) : IAsyncLifetime
{
    private Stores _stores = null!;

    public async Task InitializeAsync()
    {
        _stores = await infrastructure.NewStoresAsync();
        await _stores.OpenEpochAsync();
    }

    public async Task DisposeAsync() => await _stores.DisposeAsync();

    [Fact]
    public async Task Check_counter_behind_the_database_is_closed()
    {
        await _stores.ExecuteAsync("UPDATE redis_epochs SET counter = 1000");

        await Assert.ThrowsAsync<GateClosedException>(() => _stores.Gate.CheckAsync(_stores.Keys));
    }

    [Fact]
    public async Task Check_claim_that_landed_and_that_Redis_has_forgotten_is_closed()
    {
        long userId = await _stores.NewAccountAsync(10_000);
        await _stores.AcceptedAsync(_stores.NewMessage(userId));
        var before = await _stores.Redis.HashGetAllAsync(_stores.Keys.Epoch);
        await _stores.IngestAsync();
        await _stores.Redis.HashSetAsync(_stores.Keys.Epoch, before);

        await Assert.ThrowsAsync<GateClosedException>(() => _stores.Gate.CheckAsync(_stores.Keys));
    }

    [Fact]
    public async Task Rebuild_emptied_Redis_loads_balances_anew_and_queues_what_was_not_sent()
    {
        long userId = await _stores.NewAccountAsync(10_000);
        var waiting = await _stores.AcceptedAsync(_stores.NewMessage(userId, cost: 1_000));
        await _stores.IngestAsync();
        await _stores.Redis.ExecuteAsync("FLUSHDB");
        Assert.Equal(7, (await _stores.AcceptAsync(_stores.NewMessage(userId))).Code);

        await _stores.OpenEpochAsync();

        await _stores.AcceptedAsync(_stores.NewMessage(userId, cost: 2_000));
        Assert.Equal((7_000, 3_000), await _stores.MoneyAsync(userId));
        Assert.True(await _stores.Redis.HashExistsAsync(_stores.Keys.Messages, waiting.Id.ToString()));
        Assert.NotNull(await _stores.Redis.SortedSetScoreAsync(_stores.Keys.Scheduled, RedisKeys.ScheduledMember(waiting)));
    }

    [Fact]
    public async Task Rebuild_emptied_Redis_queues_what_a_provider_may_have_for_that_provider_alone()
    {
        long userId = await _stores.NewAccountAsync(10_000);
        var inDoubt = await _stores.AcceptedAsync(_stores.NewMessage(userId));
        var nobodyKnows = await _stores.AcceptedAsync(_stores.NewMessage(userId));
        await _stores.IngestAsync();
        await _stores.ExecuteAsync("UPDATE sms_messages SET state = 'unknown', attempts = 2");
        await _stores.ExecuteAsync($"UPDATE sms_messages SET provider = 'main' WHERE id = '{inDoubt.Id}'");
        await _stores.Redis.ExecuteAsync("FLUSHDB");

        await _stores.OpenEpochAsync();

        var again = MessageJson.ReadMessage((byte[])(await _stores.Redis.HashGetAsync(_stores.Keys.Messages, inDoubt.Id.ToString()))!);
        Assert.Equal(("main", 2), (again.OnlyProvider, again.Attempts));
        Assert.False(await _stores.Redis.HashExistsAsync(_stores.Keys.Messages, nobodyKnows.Id.ToString()));
    }

    [Fact]
    public async Task Rebuild_waits_for_live_workers_to_tell_what_they_hold_but_not_for_ever()
    {
        await _stores.Redis.ExecuteAsync("FLUSHDB");
        await _stores.Redis.SortedSetAddAsync(_stores.Keys.Workers, "alive", 1e15);
        var rebuild = _stores.NewRebuild();

        Assert.False(await rebuild.RunAsync(_stores.Keys, "a test", default));
        _stores.Clock.Advance(TimeSpan.FromSeconds(9));
        Assert.True(await rebuild.RunAsync(_stores.Keys, "a test", default));

        await _stores.Redis.KeyDeleteAsync(_stores.Keys.Epoch);
        Assert.False(await rebuild.RunAsync(_stores.Keys, "a test", default));
        await _stores.Redis.SetAddAsync(_stores.Keys.Restored, "alive");
        Assert.True(await rebuild.RunAsync(_stores.Keys, "a test", default));
        Assert.False(await _stores.Redis.KeyExistsAsync(_stores.Keys.Restored));
    }

    [Fact]
    public async Task Rebuild_emptied_Redis_recognises_a_request_that_was_answered_before()
    {
        long userId = await _stores.NewAccountAsync(10_000);
        var message = _stores.NewMessage(userId) with { RequestId = "r-1", RequestFingerprint = "f" };
        await _stores.Loader.LoadAsync(userId, default);
        Assert.Equal(1, (await _stores.AcceptAsync(message, message.RequestId)).Code);
        await _stores.IngestAsync();
        await _stores.Redis.ExecuteAsync("FLUSHDB");

        await _stores.OpenEpochAsync();

        var record = _stores.Keys.Idempotency(userId, "r-1");
        var life = await _stores.Redis.KeyTimeToLiveAsync(record);
        Assert.InRange(life!.Value, TimeSpan.FromHours(23), TimeSpan.FromHours(24));
        Assert.Equal((2, $"{message.Id} 1000"), await _stores.AcceptAsync(_stores.NewMessage(userId), "r-1"));
        Assert.Equal(3, (await _stores.AcceptAsync(_stores.NewMessage(userId), "r-1", fingerprint: "g")).Code);
    }

    [Fact]
    public async Task Rebuild_that_was_overtaken_changes_nothing_when_it_wakes_up()
    {
        long userId = await _stores.NewAccountAsync(10_000);
        await _stores.Redis.KeyDeleteAsync(_stores.Keys.Epoch);
        var paused = new RebuildSteps(_stores.Connection, _stores.Keys);
        await paused.BeginAsync();
        await _stores.OpenEpochAsync();
        var message = await _stores.AcceptedAsync(_stores.NewMessage(userId));

        await Assert.ThrowsAsync<RebuildOvertakenException>(() => paused.ForgetAsync([_stores.Keys.Messages, _stores.Keys.UserBalance(userId)]));
        await Assert.ThrowsAsync<RebuildOvertakenException>(() => paused.QueueAsync([_stores.NewMessage(userId)]));
        await Assert.ThrowsAsync<RebuildOvertakenException>(() => paused.OpenAsync("another epoch", 1));

        Assert.Equal<RedisValue>([message.Id.ToString()], await _stores.Redis.HashKeysAsync(_stores.Keys.Messages));
        Assert.Equal((9_000, 1_000), await _stores.MoneyAsync(userId));
        await _stores.Gate.CheckAsync(_stores.Keys);
    }

    [Fact]
    public async Task Rebuild_that_another_has_replaced_changes_nothing()
    {
        await _stores.Redis.KeyDeleteAsync(_stores.Keys.Epoch);
        var first = new RebuildSteps(_stores.Connection, _stores.Keys);
        await first.BeginAsync();
        var second = new RebuildSteps(_stores.Connection, _stores.Keys);
        await second.BeginAsync();

        await Assert.ThrowsAsync<RebuildOvertakenException>(() => first.OpenAsync("first", 1));
        await second.OpenAsync("second", 1);

        Assert.Equal("second", (string?)await _stores.Redis.HashGetAsync(_stores.Keys.Epoch, "id"));
    }

    [Fact]
    public async Task Rebuild_waits_for_accepted_messages_to_reach_the_database()
    {
        long userId = await _stores.NewAccountAsync(10_000);
        await _stores.AcceptedAsync(_stores.NewMessage(userId, cost: 1_000));
        await _stores.Redis.KeyDeleteAsync(_stores.Keys.Epoch);

        Assert.False(await _stores.NewRebuild().RunAsync(_stores.Keys, "a test", default));
        await _stores.IngestAsync();
        Assert.True(await _stores.NewRebuild().RunAsync(_stores.Keys, "a test", default));

        await _stores.Loader.LoadAsync(userId, default);
        Assert.Equal((9_000, 1_000), await _stores.MoneyAsync(userId));
    }

    [Fact]
    public async Task Rebuild_sound_Redis_is_left_alone()
    {
        long userId = await _stores.NewAccountAsync(10_000);
        await _stores.AcceptedAsync(_stores.NewMessage(userId));
        var epoch = await _stores.Redis.HashGetAllAsync(_stores.Keys.Epoch);

        Assert.True(await _stores.NewRebuild().RunAsync(_stores.Keys, "a mistaken alarm", default));

        Assert.Equal(epoch, await _stores.Redis.HashGetAllAsync(_stores.Keys.Epoch));
    }
}
