using SmsGateway.Core.Messages;
using SmsGateway.Tests.Fixtures;
using SmsGateway.Workers.Ingest;

namespace SmsGateway.Tests.Workers.Ingest;

[Collection(InfrastructureCollection.Name)]
public sealed class IngesterIntegrationTests(Infrastructure infrastructure) : IAsyncLifetime
{
    private Stores _stores = null!;
    private long _userId;

    public async Task InitializeAsync()
    {
        _stores = await infrastructure.NewStoresAsync();
        await _stores.OpenEpochAsync();
        _userId = await _stores.NewAccountAsync(1_000_000);
    }

    public async Task DisposeAsync() => await _stores.DisposeAsync();

    [Fact]
    public async Task Process_claim_stores_charges_and_hands_over()
    {
        var normal = await _stores.AcceptedAsync(_stores.NewMessage(_userId));
        var express = await _stores.AcceptedAsync(_stores.NewMessage(_userId, cost: 2_000, Priority.Express));
        var later = await _stores.AcceptedAsync(_stores.NewMessage(_userId, scheduledAt: TestClock.Start.AddHours(1)));

        await _stores.IngestAsync();

        Assert.Equal(3, await _stores.ScalarAsync<long>("SELECT count(*) FROM sms_messages WHERE state = 'queued'"));
        Assert.Equal(-4_000, await _stores.ScalarAsync<long>("SELECT sum(amount)::bigint FROM credit_ledger WHERE kind = 'usage'"));
        Assert.Equal([normal.Id.ToString()], await ListAsync(Priority.Normal));
        Assert.Equal([express.Id.ToString()], await ListAsync(Priority.Express));
        Assert.Equal(TestClock.Start.AddHours(1).ToUnixTimeMilliseconds(), await _stores.Redis.SortedSetScoreAsync(
            _stores.Keys.Scheduled, $"normal {_userId} {later.Id}"));
        Assert.Equal(0, await _stores.Redis.HashLengthAsync(_stores.Keys.IngestClaims));
        Assert.Equal(0, await _stores.Redis.HashLengthAsync(_stores.Keys.BufferedCost));
    }

    [Fact]
    public async Task Process_every_field_survives_the_way_through_the_database()
    {
        var message = await _stores.AcceptedAsync(_stores.NewMessage(_userId) with
        {
            Text = "Grüße 👍 \\ \" \t", Sender = "ACME", ClientReference = "ref", CallbackUrl = "https://example.com/x", ScheduledAt = TestClock.Start.AddDays(1),
        });

        await _stores.IngestAsync();

        Assert.Equal(
            "Grüße 👍 \\ \" \t|ACME|ref|https://example.com/x|+491701234567",
            await _stores.ScalarAsync<string>(
                "SELECT concat_ws('|', body, sender, client_reference, callback_url, recipient) FROM sms_messages WHERE id = $1 AND created_at = $2 AND scheduled_at = $3",
                message.Id, message.CreatedAt, message.ScheduledAt!.Value));
    }

    [Fact]
    public async Task Process_died_before_landing_is_done_by_the_heir()
    {
        // ORIGINAL.md, fault 6: messages were popped before they were inserted, so that a crash lost them.
        var message = await _stores.AcceptedAsync(_stores.NewMessage(_userId));
        var dead = _stores.NewIngester(_stores.NewWorker());
        var claimId = Guid.CreateVersion7();
        await dead.ClaimAsync(_stores.Keys, claimId, 10);

        var heir = _stores.NewIngester(_stores.NewWorker());
        await heir.ProcessAsync(_stores.Keys, (await heir.ReadClaimAsync(_stores.Keys, claimId))!, default);

        await AssertStoredOnceAsync(message);
    }

    [Fact]
    public async Task Process_died_after_landing_is_handed_over_by_the_heir_and_charged_once()
    {
        var message = await _stores.AcceptedAsync(_stores.NewMessage(_userId));
        var dead = _stores.NewIngester(_stores.NewWorker());
        var claimId = Guid.CreateVersion7();
        var claim = await dead.ClaimAsync(_stores.Keys, claimId, 10);
        await NewTransaction().LandAsync(claim!, 0, "dead", default);

        var heir = _stores.NewIngester(_stores.NewWorker());
        await heir.ProcessAsync(_stores.Keys, (await heir.ReadClaimAsync(_stores.Keys, claimId))!, default);

        await AssertStoredOnceAsync(message);
    }

    [Fact]
    public async Task Process_by_two_workers_at_once_stores_and_charges_once()
    {
        for (int round = 0; round < 50; round++)
        {
            await _stores.AcceptedAsync(_stores.NewMessage(_userId));
            var claimId = Guid.CreateVersion7();
            var paused = _stores.NewIngester(_stores.NewWorker());
            var claim = await paused.ClaimAsync(_stores.Keys, claimId, 10);
            var heir = _stores.NewIngester(_stores.NewWorker());
            var taken = await heir.ReadClaimAsync(_stores.Keys, claimId);

            await Task.WhenAll(paused.ProcessAsync(_stores.Keys, claim!, default), heir.ProcessAsync(_stores.Keys, taken!, default));
        }

        Assert.Equal(50, await _stores.ScalarAsync<long>("SELECT count(*) FROM sms_messages"));
        Assert.Equal(-50_000, await _stores.ScalarAsync<long>("SELECT sum(amount)::bigint FROM credit_ledger WHERE kind = 'usage'"));
        Assert.Equal(50, (await ListAsync(Priority.Normal)).Distinct().Count());
        Assert.Equal(50, (await ListAsync(Priority.Normal)).Length);
    }

    [Fact]
    public async Task Process_message_that_is_there_already_is_neither_stored_charged_nor_sent_again()
    {
        // ORIGINAL.md, fault 7: pushing a failed batch back could insert duplicates.
        var old = await _stores.AcceptedAsync(_stores.NewMessage(_userId));
        await _stores.IngestAsync();
        await _stores.Redis.KeyDeleteAsync(_stores.Keys.DispatchList(Priority.Normal, _userId));
        var fresh = await _stores.AcceptedAsync(_stores.NewMessage(_userId));
        await _stores.AcceptedAsync(old);

        await _stores.IngestAsync();

        Assert.Equal(2, await _stores.ScalarAsync<long>("SELECT count(*) FROM sms_messages"));
        Assert.Equal(-2_000, await _stores.ScalarAsync<long>("SELECT sum(amount)::bigint FROM credit_ledger WHERE kind = 'usage'"));
        Assert.Equal([fresh.Id.ToString()], await ListAsync(Priority.Normal));
        Assert.False(await _stores.Redis.HashExistsAsync(_stores.Keys.Messages, old.Id.ToString()));
    }

    [Fact]
    public async Task Process_payload_that_cannot_be_read_gives_its_charge_back()
    {
        var message = await _stores.AcceptedAsync(_stores.NewMessage(_userId));
        var before = await _stores.MoneyAsync(_userId);
        string payload = (string)(await _stores.Redis.HashGetAsync(_stores.Keys.Messages, message.Id.ToString()))!;
        await _stores.Redis.HashSetAsync(
            _stores.Keys.Messages, message.Id.ToString(), payload.Replace("\"Normal\"", "\"of a later version\"", StringComparison.Ordinal));

        await _stores.IngestAsync();

        Assert.Equal((before.Balance + message.CostUnits, before.Pending - message.CostUnits), await _stores.MoneyAsync(_userId));
        Assert.False(await _stores.Redis.HashExistsAsync(_stores.Keys.BufferedCost, _userId));
    }

    [Fact]
    public async Task Process_poison_is_set_aside_with_its_reason_and_the_batch_goes_on()
    {
        var good = await _stores.AcceptedAsync(_stores.NewMessage(_userId));
        var orphan = _stores.NewMessage(userId: 999_999);
        await PushAsync(orphan.Id.ToString(), MessageJson.Write(orphan));
        await PushAsync("no id at all", "{"u8.ToArray());
        var halved = _stores.NewMessage(_userId) with { Segments = 32_767, Recipient = "\u0000" };
        await PushAsync(halved.Id.ToString(), MessageJson.Write(halved));
        await _stores.Redis.ListRightPushAsync(_stores.Keys.NormalQueue, "an id without a payload");

        await _stores.IngestAsync();

        Assert.Equal([good.Id.ToString()], await ListAsync(Priority.Normal));
        Assert.Equal(1, await _stores.ScalarAsync<long>("SELECT count(*) FROM sms_messages"));
        var letters = (await _stores.Redis.ListRangeAsync(_stores.Keys.DeadLetters)).Select(letter => MessageJson.ReadDeadLetter((byte[])letter!)).ToArray();
        Assert.Equal(4, letters.Length);
        Assert.Contains(letters, letter => letter.Reason.Contains("account is unknown", StringComparison.Ordinal) && letter.Id == orphan.Id.ToString());
        Assert.Contains(letters, letter => letter.Reason.Contains("not a message", StringComparison.Ordinal));
        Assert.Contains(letters, letter => letter.Reason.Contains("22021", StringComparison.Ordinal) && letter.Id == halved.Id.ToString());
        Assert.Contains(letters, letter => letter.Reason.Contains("no payload", StringComparison.Ordinal));
        Assert.Equal(1, await _stores.Redis.HashLengthAsync(_stores.Keys.Messages));
    }

    [Theory]
    [InlineData("\"to\":\"+491701234567\"", "\"to\":null")]
    [InlineData("\"text\":\"hello\"", "\"text\":null")]
    [InlineData("\"priority\":\"Normal\"", "\"priority\":7")]
    [InlineData("\"cost\":1000", "\"cost\":9223372036854775807")]
    public async Task Process_payload_with_an_impossible_value_is_set_aside(string possible, string impossible)
    {
        var message = _stores.NewMessage(_userId);
        string payload = System.Text.Encoding.UTF8.GetString(MessageJson.Write(message));
        Assert.Contains(possible, payload, StringComparison.Ordinal);
        await PushAsync(message.Id.ToString(), System.Text.Encoding.UTF8.GetBytes(payload.Replace(possible, impossible, StringComparison.Ordinal)));

        await _stores.IngestAsync();

        Assert.Equal(1, await _stores.Redis.ListLengthAsync(_stores.Keys.DeadLetters));
        Assert.Equal(0, await _stores.Redis.HashLengthAsync(_stores.Keys.IngestClaims));
    }

    [Fact]
    public async Task Process_duplicate_beside_a_refused_message_are_told_apart()
    {
        var old = await _stores.AcceptedAsync(_stores.NewMessage(_userId));
        await _stores.IngestAsync();
        await _stores.AcceptedAsync(old);
        await _stores.AcceptedAsync(_stores.NewMessage(_userId) with { Recipient = "\0" });
        var good = await _stores.AcceptedAsync(_stores.NewMessage(_userId));

        await _stores.IngestAsync();

        Assert.Equal("queued", await _stores.StateAsync(good.Id));
        Assert.Equal(2, await _stores.ScalarAsync<long>("SELECT count(*) FROM sms_messages"));
        Assert.Equal(1, await _stores.Redis.ListLengthAsync(_stores.Keys.DeadLetters));
    }

    [Fact]
    public async Task Process_claim_of_a_Redis_that_was_rebuilt_since_does_not_land()
    {
        await _stores.AcceptedAsync(_stores.NewMessage(_userId));
        var ingester = _stores.NewIngester(_stores.NewWorker());
        var claim = await ingester.ClaimAsync(_stores.Keys, Guid.CreateVersion7(), 10);
        await _stores.Redis.ExecuteAsync("FLUSHDB");
        await _stores.OpenEpochAsync();

        await ingester.ProcessAsync(_stores.Keys, claim!, default);

        Assert.Equal(0, await _stores.ScalarAsync<long>("SELECT count(*) FROM sms_messages"));
        Assert.Equal(0, await _stores.ScalarAsync<long>("SELECT count(*) FROM ingest_claims"));
        Assert.Equal(0, await _stores.ScalarAsync<long>("SELECT count(*) FROM credit_ledger WHERE kind = 'usage'"));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Process_claim_read_while_Redis_was_rebuilt_lands_unless_Redis_was_lost_once_more(bool isLost)
    {
        await _stores.AcceptedAsync(_stores.NewMessage(_userId));
        await _stores.Gate.CloseAsync(_stores.Keys);
        var ingester = _stores.NewIngester(_stores.NewWorker());
        var claim = await ingester.ClaimAsync(_stores.Keys, Guid.CreateVersion7(), 10);
        if (isLost)
        {
            await _stores.Redis.ExecuteAsync("FLUSHDB");
            await _stores.OpenEpochAsync();
        }

        await ingester.ProcessAsync(_stores.Keys, claim!, default);

        int landed = isLost ? 0 : 1;
        Assert.Equal(landed, await _stores.ScalarAsync<long>("SELECT count(*) FROM sms_messages"));
        Assert.Equal(landed, await _stores.ScalarAsync<long>("SELECT count(*) FROM credit_ledger WHERE kind = 'usage'"));
        Assert.Equal(0, await _stores.Redis.HashLengthAsync(_stores.Keys.IngestClaims));
    }

    [Fact]
    public async Task Process_missing_partition_is_made_on_demand()
    {
        _stores.Clock.Advance(TimeSpan.FromDays(80));
        var message = await _stores.AcceptedAsync(_stores.NewMessage(_userId));

        await _stores.IngestAsync();

        Assert.Equal("sms_messages_y2026m04", await _stores.ScalarAsync<string>("SELECT tableoid::regclass::text FROM sms_messages WHERE id = $1", message.Id));
    }

    [Fact]
    public async Task Claim_express_first_leaves_a_fifth_to_normal()
    {
        for (int i = 0; i < 20; i++)
        {
            await _stores.AcceptedAsync(_stores.NewMessage(_userId));
            await _stores.AcceptedAsync(_stores.NewMessage(_userId, priority: Priority.Express));
        }

        var claim = await _stores.NewIngester(_stores.NewWorker()).ClaimAsync(_stores.Keys, Guid.CreateVersion7(), 10);

        Assert.Equal(8, claim!.Messages.Count(message => message.Priority == Priority.Express));
        Assert.Equal(2, claim.Messages.Count(message => message.Priority == Priority.Normal));
    }

    private IngestTransaction NewTransaction() => new(
        _stores.Database,
        new PartitionCatalog(_stores.Database, Microsoft.Extensions.Options.Options.Create(new SmsGateway.Workers.Partitions.PartitionsOptions())));

    private async Task PushAsync(string id, byte[] payload)
    {
        await _stores.Redis.HashSetAsync(_stores.Keys.Messages, id, payload);
        await _stores.Redis.ListRightPushAsync(_stores.Keys.NormalQueue, id);
    }

    private async Task<string[]> ListAsync(Priority priority) =>
        [.. (await _stores.Redis.ListRangeAsync(_stores.Keys.DispatchList(priority, _userId))).Select(id => (string)id!)];

    private async Task AssertStoredOnceAsync(QueuedMessage message)
    {
        Assert.Equal("queued", await _stores.StateAsync(message.Id));
        Assert.Equal(-message.CostUnits, await _stores.ScalarAsync<long>("SELECT sum(amount)::bigint FROM credit_ledger WHERE kind = 'usage'"));
        Assert.Equal([message.Id.ToString()], await ListAsync(message.Priority));
        Assert.Equal(0, await _stores.Redis.HashLengthAsync(_stores.Keys.IngestClaims));
    }
}
