using SmsGateway.Core.Messages;
using SmsGateway.Tests.Fixtures;

namespace SmsGateway.Tests.Workers.Webhooks;

/// <summary>What the status flush writes into the outbox.</summary>
[Collection(InfrastructureCollection.Name)]
public sealed class WebhookOutboxIntegrationTests(Infrastructure infrastructure) : IAsyncLifetime
{
    private const string Url = "https://example.org/hook";

    private Stores _stores = null!;
    private WebhooksUnderTest _webhooks = null!;
    private long _userId;

    public async Task InitializeAsync()
    {
        _stores = await infrastructure.NewStoresAsync();
        await _stores.OpenEpochAsync();
        _userId = await _stores.NewAccountAsync(10_000);
        _webhooks = WebhooksUnderTest.On(_stores);
    }

    public async Task DisposeAsync()
    {
        await _webhooks.DisposeAsync();
        await _stores.DisposeAsync();
    }

    [Fact]
    public async Task Flush_message_without_callback_url_writes_no_event()
    {
        await _webhooks.ChangedAsync(_userId, null);

        Assert.Equal(0, await _webhooks.CountAsync("true"));
    }

    [Fact]
    public async Task Flush_each_state_is_an_event_and_repetitions_are_none()
    {
        var message = await _webhooks.StoredAsync(_userId, Url);
        Assert.Equal(0, await _webhooks.CountAsync("true"));
        foreach (var state in (MessageState[])[MessageState.Unknown, MessageState.Unknown, MessageState.Sent, MessageState.Sent, MessageState.Delivered])
        {
            _stores.Clock.Advance(TimeSpan.FromSeconds(1));
            await _webhooks.LearnAsync(message.Id, state);
        }

        // Late, and already told: also when the events themselves are gone.
        await _stores.ExecuteAsync("UPDATE webhook_outbox SET sms_id = gen_random_uuid()");
        foreach (var state in (MessageState[])[MessageState.Sent, MessageState.Delivered, MessageState.Failed, MessageState.Undelivered])
        {
            _stores.Clock.Advance(TimeSpan.FromSeconds(1));
            await _webhooks.LearnAsync(message.Id, state);
        }

        Assert.Equal("unknown,sent,delivered", await _stores.ScalarAsync<string>("SELECT string_agg(state::text, ',' ORDER BY happened_at) FROM webhook_outbox"));
    }

    [Theory]
    [InlineData(MessageState.Failed)]
    [InlineData(MessageState.Expired)]
    [InlineData(MessageState.Cancelled)]
    [InlineData(MessageState.Undelivered)]
    public async Task Flush_every_end_is_an_event(MessageState state)
    {
        await _webhooks.ChangedAsync(_userId, Url, state);

        Assert.Equal($"{state.Name()} order 7 1", await _stores.ScalarAsync<string>("SELECT concat_ws(' ', state, client_reference, cost) FROM webhook_outbox"));
    }

    [Fact]
    public async Task Flush_that_died_after_its_commit_is_repeated_without_a_second_event()
    {
        var message = await _webhooks.StoredAsync(_userId, Url);
        await _stores.Redis.ListRightPushAsync(_stores.Keys.StatusBuffer, MessageJson.Write(
            new Outcome { Id = message.Id, State = MessageState.Delivered, At = _stores.Clock.GetUtcNow() }));
        var dead = _stores.NewStatusFlush(_stores.NewWorker());
        var claim = await dead.ClaimAsync(_stores.Keys, Guid.CreateVersion7(), 10);
        var transaction = new SmsGateway.Workers.Status.StatusTransaction(_stores.Database);

        await transaction.WriteAsync(claim!.Messages, new(), default);
        await transaction.WriteAsync(claim.Messages, new(), default);

        Assert.Equal(1, await _webhooks.CountAsync("true"));
    }

    [Fact]
    public async Task Lane_is_the_same_for_a_host_and_bounded()
    {
        Assert.True(await _stores.ScalarAsync<bool>(
            """
            SELECT webhook_lane('https://Example.org/a?b') = webhook_lane('HTTPS://example.ORG#c')
               AND (SELECT count(DISTINCT webhook_lane('https://h' || n)) > 32 AND min(webhook_lane('https://h' || n)) >= 0 AND max(webhook_lane('https://h' || n)) < 64
                      FROM generate_series(1, 1000) n)
            """));
    }
}
