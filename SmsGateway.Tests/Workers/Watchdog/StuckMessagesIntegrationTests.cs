using SmsGateway.Core.Messages;
using SmsGateway.Tests.Fixtures;
using SmsGateway.Workers.Watchdog;

namespace SmsGateway.Tests.Workers.Watchdog;

[Collection(InfrastructureCollection.Name)]
public sealed class StuckMessagesIntegrationTests(Infrastructure infrastructure) : IAsyncLifetime
{
    private static readonly TimeSpan Age = TimeSpan.FromMinutes(5);

    private Stores _stores = null!;
    private StuckMessages _messages = null!;
    private long _userId;

    public async Task InitializeAsync()
    {
        _stores = await infrastructure.NewStoresAsync();
        await _stores.OpenEpochAsync();
        _userId = await _stores.NewAccountAsync(100_000);
        _messages = new(_stores.Connection, _stores.Database, _stores.Gate, _stores.Shards, _stores.Clock);
    }

    public async Task DisposeAsync() => await _stores.DisposeAsync();

    [Fact]
    public async Task Find_messages_that_are_on_their_way_are_not_stuck()
    {
        await AcceptAsync();
        await AcceptAsync(_stores.Clock.GetUtcNow().AddDays(1));
        await _stores.IngestAsync();
        await AcceptAsync();
        var claimed = await AcceptAsync();
        await _stores.NewIngester(_stores.NewWorker()).ClaimAsync(_stores.Keys, Guid.CreateVersion7(), 1);
        await AcceptAsync();
        _stores.Clock.Advance(2 * Age);

        Assert.Empty(await _messages.FindAsync(Age, default));
        Assert.NotNull(claimed);
    }

    [Fact]
    public async Task Move_message_that_no_list_names_is_sent()
    {
        var message = await StoredAsync();
        await _stores.Redis.KeyDeleteAsync([_stores.Keys.DispatchList(Priority.Normal, _userId), _stores.Keys.NormalRotation]);

        Assert.Empty(await _messages.FindAsync(3 * Age, default));
        var stuck = Assert.Single(await _messages.FindAsync(Age, default));
        Assert.Equal((message.Id, StuckKind.NotListed), (stuck.Id, stuck.Kind));
        Assert.True(await _messages.MoveAsync(stuck));
        Assert.False(await _messages.MoveAsync(stuck));

        Assert.Equal(1, await _stores.Redis.SortedSetLengthAsync(_stores.Keys.Scheduled));
        Assert.Empty(await _messages.FindAsync(Age, default));
    }

    [Fact]
    public async Task Move_message_that_a_dispatcher_has_taken_meanwhile_is_left()
    {
        await StoredAsync();
        await _stores.Redis.KeyDeleteAsync([_stores.Keys.DispatchList(Priority.Normal, _userId), _stores.Keys.NormalRotation]);
        var stuck = Assert.Single(await _messages.FindAsync(Age, default));
        await _stores.Redis.HashDeleteAsync(_stores.Keys.Messages, stuck.Id.ToString());

        Assert.False(await _messages.MoveAsync(stuck));
        Assert.Equal(0, await _stores.Redis.SortedSetLengthAsync(_stores.Keys.Scheduled));
    }

    [Fact]
    public async Task Move_message_that_is_not_stored_is_stored_and_charged_once()
    {
        var message = await AcceptAsync();
        await _stores.Redis.KeyDeleteAsync(_stores.Keys.NormalQueue);
        _stores.Clock.Advance(2 * Age);

        var stuck = Assert.Single(await _messages.FindAsync(Age, default));
        Assert.Equal(StuckKind.NotStored, stuck.Kind);
        Assert.True(await _messages.MoveAsync(stuck));
        await _stores.IngestAsync();
        await _stores.Sync.SyncAllAsync(default);

        Assert.Equal("queued", await _stores.StateAsync(message.Id));
        Assert.Equal((99_000, 0), await _stores.MoneyAsync(_userId));
        Assert.Empty(await _messages.FindAsync(Age, default));
    }

    [Fact]
    public async Task Move_account_that_its_rotation_forgot_is_served_again()
    {
        await StoredAsync();
        await StoredAsync();
        await _stores.Redis.KeyDeleteAsync(_stores.Keys.NormalRotation);

        var stuck = Assert.Single(await _messages.FindAsync(Age, default));
        Assert.Equal(StuckKind.NotInRotation, stuck.Kind);
        Assert.True(await _messages.MoveAsync(stuck));
        Assert.False(await _messages.MoveAsync(stuck));

        Assert.Equal([_userId], (await _stores.Redis.ListRangeAsync(_stores.Keys.NormalRotation)).Select(account => (long)account));
        Assert.Empty(await _messages.FindAsync(Age, default));
    }

    [Fact]
    public async Task Move_message_that_redis_lost_becomes_unknown_and_is_never_sent_again()
    {
        var message = await StoredAsync();
        await _stores.Redis.KeyDeleteAsync([_stores.Keys.DispatchList(Priority.Normal, _userId), _stores.Keys.NormalRotation, _stores.Keys.Messages]);

        var stuck = Assert.Single(await _messages.FindAsync(Age, default));
        Assert.Equal((message.Id, StuckKind.Lost), (stuck.Id, stuck.Kind));
        Assert.True(await _messages.MoveAsync(stuck));
        await _stores.FlushStatusAsync();

        Assert.Equal("unknown", await _stores.StateAsync(message.Id));
        Assert.Equal(0, await _stores.Redis.HashLengthAsync(_stores.Keys.Messages));
        Assert.Equal(0, await _stores.ScalarAsync<long>("SELECT count(*) FROM credit_ledger WHERE kind = 'refund'"));
        Assert.Empty(await _messages.FindAsync(Age, default));
    }

    [Fact]
    public async Task Find_message_with_a_dispatcher_is_not_stuck()
    {
        var message = await StoredAsync();
        await _stores.Redis.KeyDeleteAsync([_stores.Keys.DispatchList(Priority.Normal, _userId), _stores.Keys.NormalRotation, _stores.Keys.Messages]);
        await _stores.Redis.SortedSetAddAsync(_stores.Keys.Workers, "w", double.MaxValue);
        await _stores.Redis.HashSetAsync(_stores.Keys.DispatchClaim("w"), message.Id.ToString(), MessageJson.Write(message));

        Assert.Empty(await _messages.FindAsync(Age, default));
    }

    private async Task<QueuedMessage> AcceptAsync(DateTimeOffset? scheduledAt = null) =>
        await _stores.AcceptedAsync(_stores.NewMessage(_userId, scheduledAt: scheduledAt));

    /// <summary>A message that has been waiting to be sent for longer than the age.</summary>
    private async Task<QueuedMessage> StoredAsync()
    {
        var message = await AcceptAsync();
        await _stores.IngestAsync();
        _stores.Clock.Advance(2 * Age);
        return message;
    }
}
