using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

using SmsGateway.Core.Messages;
using SmsGateway.Tests.Fixtures;
using SmsGateway.Workers.Status;

namespace SmsGateway.Tests.Workers.Status;

[Collection(InfrastructureCollection.Name)]
public sealed class DoubtEnderIntegrationTests(Infrastructure infrastructure) : IAsyncLifetime
{
    private const long Credit = 10_000;
    private const long Cost = 1_000;

    private Stores _stores = null!;
    private long _userId;
    private QueuedMessage _message = null!;

    public async Task InitializeAsync()
    {
        _stores = await infrastructure.NewStoresAsync();
        await _stores.OpenEpochAsync();
        _userId = await _stores.NewAccountAsync(Credit);
        _message = await _stores.AcceptedAsync(_stores.NewMessage(_userId, Cost));
        await _stores.IngestAsync();
        await LearnAsync(MessageState.Unknown);
    }

    public async Task DisposeAsync() => await _stores.DisposeAsync();

    [Theory]
    [InlineData(nameof(UnknownEnd.Undelivered), "undelivered", Credit - Cost)]
    [InlineData(nameof(UnknownEnd.Failed), "failed", Credit)]
    public async Task Round_nothing_was_learnt_for_too_long_ends_it_once_as_the_operator_wants(string end, string state, long balance)
    {
        _stores.Clock.Advance(TimeSpan.FromDays(3));

        await EndAsync(end);
        await EndAsync(end);
        await _stores.FlushStatusAsync();
        await EndAsync(end);
        await _stores.FlushStatusAsync();
        await _stores.Sync.SyncAccountAsync(_userId, default);

        Assert.Equal(state, await _stores.StateAsync(_message.Id));
        Assert.Equal(DoubtEnder.ErrorCode, await _stores.ScalarAsync<string>("SELECT error_code FROM sms_messages WHERE id = $1", _message.Id));
        Assert.Equal((balance, 0), await _stores.MoneyAsync(_userId));
    }

    [Fact]
    public async Task Round_too_early_or_still_valid_leaves_it_unknown()
    {
        _stores.Clock.Advance(TimeSpan.FromDays(3) - TimeSpan.FromSeconds(1));
        await EndAsync();
        await _stores.ExecuteAsync("UPDATE sms_messages SET valid_until = $1", _stores.Clock.GetUtcNow().AddDays(1).UtcDateTime);
        _stores.Clock.Advance(TimeSpan.FromSeconds(2));
        await EndAsync();
        await _stores.FlushStatusAsync();

        Assert.Equal("unknown", await _stores.StateAsync(_message.Id));
    }

    [Fact]
    public async Task Round_receipt_came_just_before_wins()
    {
        _stores.Clock.Advance(TimeSpan.FromDays(3));
        await _stores.Redis.ListRightPushAsync(_stores.Keys.StatusBuffer, Outcome(MessageState.Delivered));

        await EndAsync();
        await _stores.FlushStatusAsync();

        Assert.Equal("delivered", await _stores.StateAsync(_message.Id));
    }

    private Task EndAsync(string end = nameof(UnknownEnd.Undelivered)) => new DoubtEnder(
        _stores.Database,
        _stores.Connection,
        _stores.Shards,
        Options.Create(new StatusOptions { UnknownEnd = Enum.Parse<UnknownEnd>(end) }),
        _stores.Clock,
        NullLogger<DoubtEnder>.Instance).RunRoundAsync(default);

    private async Task LearnAsync(MessageState state)
    {
        await _stores.Redis.ListRightPushAsync(_stores.Keys.StatusBuffer, Outcome(state));
        await _stores.FlushStatusAsync();
    }

    private byte[] Outcome(MessageState state) => MessageJson.Write(new Outcome { Id = _message.Id, State = state, At = _stores.Clock.GetUtcNow() });
}
