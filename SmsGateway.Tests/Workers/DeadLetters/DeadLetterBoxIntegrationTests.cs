using SmsGateway.Core.Messages;
using SmsGateway.Tests.Fixtures;
using SmsGateway.Workers.DeadLetters;

namespace SmsGateway.Tests.Workers.DeadLetters;

[Collection(InfrastructureCollection.Name)]
public sealed class DeadLetterBoxIntegrationTests(Infrastructure infrastructure) : IAsyncLifetime
{
    private Stores _stores = null!;
    private DeadLetterBox _box = null!;
    private LetterDropper _dropper = null!;

    public async Task InitializeAsync()
    {
        _stores = await infrastructure.NewStoresAsync();
        await _stores.OpenEpochAsync();
        _box = new(_stores.Connection, _stores.Database, _stores.Shards, _stores.Gate, _stores.Loader, _stores.Clock);
        _dropper = new(_stores.Connection, _stores.Database, _stores.Clock);
    }

    public async Task DisposeAsync() => await _stores.DisposeAsync();

    [Fact]
    public async Task Requeue_message_that_was_set_aside_is_stored_and_charged_again()
    {
        var message = await RefusedAsync(credit: 10_000);
        long userId = message.UserId;
        Assert.Equal((10_000, 0), await _stores.MoneyAsync(userId));

        var letter = await OnlyLetterAsync();
        Assert.Equal(RequeueResult.Requeued, await _box.RequeueAsync(letter, default));
        Assert.Equal(RequeueResult.Gone, await _box.RequeueAsync(letter, default));
        Assert.Equal((9_000, 1_000), await _stores.MoneyAsync(userId));
        await _stores.IngestAsync();
        await _stores.Sync.SyncAccountAsync(userId, default);

        Assert.Equal("queued", await _stores.StateAsync(message.Id));
        Assert.Equal(0, await _box.CountAsync());
        Assert.Equal((9_000, 0), await _stores.MoneyAsync(userId));
        Assert.Equal(9_000, await _stores.DatabaseBalanceAsync(userId));
        Assert.False(await _stores.Redis.HashExistsAsync(_stores.Keys.BufferedCost, userId));
    }

    [Fact]
    public async Task Requeue_message_that_the_account_cannot_pay_any_more_stays()
    {
        var message = await RefusedAsync(credit: 1_000);
        await _stores.AcceptedAsync(_stores.NewMessage(message.UserId, cost: 1));

        Assert.Equal(RequeueResult.BalanceTooLow, await _box.RequeueAsync(await OnlyLetterAsync(), default));
        Assert.Equal(1, await _box.CountAsync());
        Assert.Equal((999, 1), await _stores.MoneyAsync(message.UserId));
    }

    [Fact]
    public async Task Requeue_what_cannot_be_read_stays()
    {
        await _stores.Redis.ListRightPushAsync(_stores.Keys.NormalQueue, "an id without a payload");
        await _stores.IngestAsync();

        Assert.Equal(RequeueResult.Unreadable, await _box.RequeueAsync(await OnlyLetterAsync(), default));
        Assert.Equal(1, await _box.CountAsync());
    }

    [Fact]
    public async Task Requeue_message_damaged_in_redis_is_sent_from_the_database_once()
    {
        var (userId, message) = await DamagedAsync(letters: 2);
        var letters = await LettersAsync();

        Assert.Equal(RequeueResult.Requeued, await _box.RequeueAsync(letters[0], default));
        // The other letter of the message must not send it once more.
        Assert.Equal(RequeueResult.Gone, await _box.RequeueAsync(letters[1], default));

        Assert.Equal(0, await _box.CountAsync());
        var waiting = MessageJson.ReadMessage((byte[])(await _stores.Redis.HashGetAsync(_stores.Keys.Messages, message.Id.ToString()))!);
        Assert.Equal((message.Id, message.Text, message.Recipient), (waiting.Id, waiting.Text, waiting.Recipient));
        Assert.Equal(1, await _stores.Redis.SortedSetLengthAsync(_stores.Keys.Scheduled));
        Assert.Equal((9_000, 1_000), await _stores.MoneyAsync(userId));
    }

    [Fact]
    public async Task Requeue_damaged_message_that_a_provider_may_have_stays()
    {
        var (_, message) = await DamagedAsync();
        await LearnAsync(message.Id, MessageState.Unknown);

        Assert.Equal(RequeueResult.NotQueued, await _box.RequeueAsync(await OnlyLetterAsync(), default));
        Assert.Equal(1, await _box.CountAsync());
        Assert.False(await _stores.Redis.HashExistsAsync(_stores.Keys.Messages, message.Id.ToString()));
    }

    [Fact]
    public async Task Drop_message_that_was_set_aside_is_not_paid_back_again_and_its_customer_is_told()
    {
        var message = await RefusedAsync(credit: 10_000, "https://example.org/");
        var letter = await OnlyLetterAsync();

        Assert.True(await _dropper.DropAsync(letter, "no such account", default));
        Assert.False(await _dropper.DropAsync(letter, "no such account", default));
        Assert.Equal(RequeueResult.Gone, await _box.RequeueAsync(letter, default));
        await _stores.FlushStatusAsync();
        await _stores.Sync.SyncAllAsync(default);

        Assert.Equal((10_000, 0), await _stores.MoneyAsync(message.UserId));
        Assert.Equal(0, await _box.CountAsync());
        Assert.Equal($"{letter.Id} ingest {message.Id} no such account", await _stores.ScalarAsync<string>(
            "SELECT concat_ws(' ', letter, source, message_id, dropped_because) FROM dropped_letters"));
        Assert.Equal($"{message.Id} failed dropped", await _stores.ScalarAsync<string>("SELECT concat_ws(' ', sms_id, state, error_code) FROM webhook_outbox"));
    }

    [Fact]
    public async Task Drop_message_damaged_in_redis_fails_and_is_refunded_once()
    {
        var (userId, message) = await DamagedAsync(letters: 2);

        foreach (var letter in await LettersAsync())
        {
            Assert.True(await _dropper.DropAsync(letter, "damaged", default));
            await _stores.FlushStatusAsync();
        }

        await _stores.Sync.SyncAllAsync(default);
        Assert.Equal("failed", await _stores.StateAsync(message.Id));
        Assert.Equal((10_000, 0), await _stores.MoneyAsync(userId));
        Assert.Equal(1, await _stores.ScalarAsync<long>("SELECT count(*) FROM credit_ledger WHERE kind = 'refund'"));
    }

    [Fact]
    public async Task Read_finds_letters_beyond_a_page_and_what_is_none()
    {
        await _stores.Redis.ListRightPushAsync(_stores.Keys.DeadLetters, "nonsense");
        foreach (int number in Enumerable.Range(0, 600))
        {
            await _stores.Redis.ListRightPushAsync(_stores.Keys.DeadLetters, MessageJson.Write(
                new DeadLetter { Source = "status", Reason = $"{number}", At = TestClock.Start }));
        }

        var letters = await LettersAsync();

        Assert.Equal(601, letters.Select(letter => letter.Id).Distinct().Count());
        Assert.Null(letters[0].Letter);
        Assert.Equal(RequeueResult.Unreadable, await _box.RequeueAsync(letters[0], default));
        Assert.True(await _dropper.DropAsync(letters[0], "nonsense", default));
    }

    private ValueTask<List<SetAside>> LettersAsync() => _box.ReadAsync(default).ToListAsync();

    private async Task<SetAside> OnlyLetterAsync() => Assert.Single(await LettersAsync());

    private async Task LearnAsync(Guid id, MessageState state)
    {
        await _stores.Redis.ListRightPushAsync(
            _stores.Keys.StatusBuffer, MessageJson.Write(new Outcome { Id = id, State = state, At = _stores.Clock.GetUtcNow() }));
        await _stores.FlushStatusAsync();
    }

    /// <summary>A message that the database refused, and would take now.</summary>
    private async Task<QueuedMessage> RefusedAsync(long credit, string? callbackUrl = null)
    {
        var message = await _stores.AcceptedAsync(_stores.NewMessage(await _stores.NewAccountAsync(credit)) with { CallbackUrl = callbackUrl });
        await _stores.ExecuteAsync("ALTER TABLE sms_messages ADD CONSTRAINT refused CHECK (recipient = '')");
        await _stores.IngestAsync();
        await _stores.ExecuteAsync("ALTER TABLE sms_messages DROP CONSTRAINT refused");
        return message;
    }

    /// <summary>A stored message whose payload dispatch found damaged.</summary>
    private async Task<(long UserId, QueuedMessage Message)> DamagedAsync(int letters = 1)
    {
        long userId = await _stores.NewAccountAsync(10_000);
        var message = await _stores.AcceptedAsync(_stores.NewMessage(userId));
        await _stores.IngestAsync();
        await _stores.Redis.HashDeleteAsync(_stores.Keys.Messages, message.Id.ToString());
        await _stores.Redis.KeyDeleteAsync([_stores.Keys.DispatchList(message.Priority, userId), _stores.Keys.Rotation(message.Priority)]);
        foreach (int number in Enumerable.Range(0, letters))
        {
            await _stores.Redis.ListRightPushAsync(_stores.Keys.DeadLetters, MessageJson.Write(new DeadLetter
            {
                Source = "dispatch", Reason = $"damaged {number}", At = TestClock.Start, Id = message.Id.ToString(), Payload = [1, 2],
            }));
        }

        return (userId, message);
    }
}
