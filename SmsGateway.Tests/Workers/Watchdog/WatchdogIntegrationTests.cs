using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

using SmsGateway.Core.Messages;
using SmsGateway.Tests.Fixtures;
using SmsGateway.Workers.Watchdog;

namespace SmsGateway.Tests.Workers.Watchdog;

[Collection(InfrastructureCollection.Name)]
public sealed class WatchdogIntegrationTests(Infrastructure infrastructure) : IAsyncLifetime
{
    private static readonly TimeSpan Hour = TimeSpan.FromHours(1);

    private Stores _stores = null!;
    private long _userId;

    public async Task InitializeAsync()
    {
        _stores = await infrastructure.NewStoresAsync();
        await _stores.OpenEpochAsync();
        _userId = await _stores.NewAccountAsync(100_000);
    }

    public async Task DisposeAsync() => await _stores.DisposeAsync();

    [Fact]
    public async Task Look_empty_stores_nothing_waits()
    {
        var ages = await LookAsync();

        Assert.All(Places.All, place => Assert.Equal(TimeSpan.Zero, ages[place]));
    }

    [Fact]
    public async Task Look_every_place_shows_its_oldest()
    {
        await AcceptAsync();
        _stores.Clock.Advance(Hour);
        await AcceptAsync();
        Assert.Equal([(Place.Buffered, Hour)], Waiting(await LookAsync()));

        await _stores.NewIngester(_stores.NewWorker()).ClaimAsync(_stores.Keys, Guid.CreateVersion7(_stores.Clock.GetUtcNow()), 1);
        _stores.Clock.Advance(Hour);
        Assert.Equal([(Place.Buffered, Hour), (Place.IngestClaimed, Hour)], Waiting(await LookAsync()));
    }

    [Fact]
    public async Task Look_stored_messages_wait_from_when_they_could_be_sent()
    {
        await AcceptAsync();
        await AcceptAsync(_stores.Clock.GetUtcNow() + Hour);
        await AcceptAsync(_stores.Clock.GetUtcNow() + (10 * Hour));
        await _stores.IngestAsync();
        _stores.Clock.Advance(3 * Hour);

        Assert.Equal([(Place.Overdue, 2 * Hour), (Place.Queued, 3 * Hour)], Waiting(await LookAsync()));
    }

    [Fact]
    public async Task Look_message_that_redis_lost_is_seen_in_the_database()
    {
        await AcceptAsync();
        await _stores.IngestAsync();
        await _stores.Redis.ExecuteAsync("FLUSHDB");
        _stores.Clock.Advance(Hour);

        Assert.Equal([(Place.Queued, Hour)], Waiting(await LookAsync()));
    }

    [Fact]
    public async Task Look_sent_and_unknown_wait_from_then_on_and_finished_do_not()
    {
        var ids = new List<Guid>();
        foreach (int _ in Enumerable.Range(0, 3))
        {
            ids.Add((await AcceptAsync()).Id);
        }

        await _stores.IngestAsync();
        await _stores.Redis.KeyDeleteAsync([_stores.Keys.DispatchList(Priority.Normal, _userId), _stores.Keys.NormalRotation, _stores.Keys.Messages]);
        await LearnAsync(ids[0], MessageState.Unknown);
        await LearnAsync(ids[1], MessageState.Unknown);
        await LearnAsync(ids[2], MessageState.Sent);
        _stores.Clock.Advance(Hour);
        Assert.Equal([(Place.Unknown, Hour), (Place.Sent, Hour)], Waiting(await LookAsync()));

        foreach (var id in ids)
        {
            await LearnAsync(id, MessageState.Delivered);
        }

        Assert.Empty(Waiting(await LookAsync()));
    }

    [Fact]
    public async Task Look_outcomes_letters_and_webhooks_wait()
    {
        await _stores.Redis.ListRightPushAsync(
            _stores.Keys.StatusBuffer, MessageJson.Write(new Outcome { Id = MessageId.New(TestClock.Start), State = MessageState.Sent, At = TestClock.Start }));
        await _stores.Redis.ListRightPushAsync(
            _stores.Keys.DeadLetters, MessageJson.Write(new DeadLetter { Source = "status", Reason = "r", At = TestClock.Start }));
        await _stores.ExecuteAsync(
            """
            INSERT INTO webhook_outbox (sms_id, happened_at, due_at, user_id, cost, state, lane, segments, url)
            VALUES (gen_random_uuid(), $1, $1, 1, 1, 'sent', 0, 1, 'https://example.org')
            """, TestClock.Start);
        _stores.Clock.Advance(Hour);

        Assert.Equal([(Place.Outcome, Hour), (Place.Webhook, Hour), (Place.DeadLetter, Hour)], Waiting(await LookAsync()));
    }

    [Fact]
    public async Task Look_many_messages_reads_few()
    {
        var times = Enumerable.Range(1, 20_000).Select(number => TestClock.Start.AddSeconds(-number)).ToArray();
        await _stores.ExecuteAsync(
            """
            INSERT INTO sms_messages (id, created_at, user_id, cost, valid_until, sent_at, priority, encoding, state, segments, recipient, body)
            SELECT id, at, 1, 1, at, at, 'normal', 'GSM-7', 'delivered', 1, '', '' FROM unnest($1, $2) AS m(id, at)
            """, times.Select(MessageId.New).ToArray(), times);
        await _stores.ExecuteAsync("ANALYZE sms_messages");

        await using var explain = _stores.Database.CreateCommand("EXPLAIN " + DatabaseAges.Samples);
        DatabaseAges.AddParameters(explain, TestClock.Start);
        await using var reader = await explain.ExecuteReaderAsync();
        var plan = new List<string>();
        while (await reader.ReadAsync())
        {
            plan.Add(reader.GetString(0));
        }

        Assert.Contains(plan, step => step.Contains("Index Scan using sms_messages_y2026m01_pkey", StringComparison.Ordinal));
        Assert.DoesNotContain(plan, step => step.Contains("Seq Scan", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Run_what_waits_too_long_twice_is_stuck_until_it_has_gone()
    {
        using var meters = new SeenMeters();
        using var watchdog = new WatchdogService(
            new(_stores.Connection), new(_stores.Database), new(meters), _stores.Shards, Options.Create(new WatchdogOptions()), _stores.Clock,
            NullLogger<WatchdogService>.Instance);
        await AcceptAsync();
        _stores.Clock.Advance(Hour);

        await watchdog.RunRoundAsync(default);
        Assert.Equal(0, meters.Read("sms_stuck", "buffered"));
        await watchdog.RunRoundAsync(default);
        Assert.Equal(1, meters.Read("sms_stuck", "buffered"));
        Assert.Equal(3_600, meters.Read("sms_oldest_age", "buffered"));
        Assert.Equal(0, meters.Read("sms_stuck", "sent"));

        await _stores.IngestAsync();
        await watchdog.RunRoundAsync(default);
        Assert.Equal(0, meters.Read("sms_stuck", "buffered"));
    }

    private async Task<QueuedMessage> AcceptAsync(DateTimeOffset? scheduledAt = null) =>
        await _stores.AcceptedAsync(_stores.NewMessage(_userId, scheduledAt: scheduledAt));

    private async Task LearnAsync(Guid id, MessageState state)
    {
        await _stores.Redis.ListRightPushAsync(
            _stores.Keys.StatusBuffer, MessageJson.Write(new Outcome { Id = id, State = state, At = _stores.Clock.GetUtcNow() }));
        await _stores.FlushStatusAsync();
    }

    private async Task<Ages> LookAsync()
    {
        var ages = new Ages(_stores.Clock.GetUtcNow());
        await new DatabaseAges(_stores.Database).AddAsync(ages, default);
        await new RedisAges(_stores.Connection).AddAsync(_stores.Keys, ages);
        return ages;
    }

    /// <summary>Where something waits, and for how long.</summary>
    private static (Place Place, TimeSpan Age)[] Waiting(Ages ages) =>
        [.. Places.All.Where(place => ages[place] > TimeSpan.Zero).Select(place => (place, ages[place]))];
}
