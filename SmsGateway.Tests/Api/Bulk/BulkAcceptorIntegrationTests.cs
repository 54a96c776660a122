using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

using SmsGateway.Api;
using SmsGateway.Api.Bulk;
using SmsGateway.Api.Messages;
using SmsGateway.Core;
using SmsGateway.Core.Messages;
using SmsGateway.Tests.Fixtures;

namespace SmsGateway.Tests.Api.Bulk;

/// <summary>accept_bulk.lua and its caller against a real Redis.</summary>
[Collection(InfrastructureCollection.Name)]
public sealed class BulkAcceptorIntegrationTests(Infrastructure infrastructure) : IAsyncLifetime
{
    private const long CreditUnits = 100_000_000;
    private static readonly Idempotency Request = new("request", "bulk:1");

    private Stores _stores = null!;
    private long _userId;

    public async Task InitializeAsync()
    {
        _stores = await infrastructure.NewStoresAsync();
        await _stores.OpenEpochAsync();
        _userId = await _stores.NewAccountAsync(CreditUnits);
    }

    public async Task DisposeAsync() => await _stores.DisposeAsync();

    [Fact]
    public async Task Accept_of_the_most_messages_takes_each_once_in_their_order()
    {
        var messages = NewBulk(BulkRecord.MostMessages);

        var (code, record, _) = await NewAcceptor().AcceptAsync(messages, Request, default);

        Assert.Equal(AcceptCode.Accepted, code);
        Assert.True(record!.IsComplete(messages.Length));
        Assert.Equal(await QueueAsync(Priority.Normal), Ids(messages.Where(message => message.Priority == Priority.Normal)));
        Assert.Equal(await QueueAsync(Priority.Express), Ids(messages.Where(message => message.Priority == Priority.Express)));
        long cost = messages.Sum(message => message.CostUnits);
        Assert.Equal((CreditUnits - cost, cost), await _stores.MoneyAsync(_userId));
        Assert.Equal(cost, (long)await _stores.Redis.HashGetAsync(_stores.Keys.BufferedCost, _userId));
        foreach (var message in messages)
        {
            Assert.Equal(message, MessageJson.ReadMessage((byte[])(await _stores.Redis.HashGetAsync(_stores.Keys.Messages, message.Id.ToString()))!));
        }
    }

    [Fact]
    public async Task Accept_one_unit_beyond_the_balance_takes_none()
    {
        var messages = NewBulk(3);
        long userId = await _stores.NewAccountAsync(messages.Sum(message => message.CostUnits) - 1);
        var own = messages.Select(message => message with { UserId = userId }).ToArray();

        var (code, record, balance) = await NewAcceptor().AcceptAsync(own, Request, default);

        Assert.Equal((AcceptCode.InsufficientBalance, null), (code, record));
        Assert.Equal(messages.Sum(message => message.CostUnits) - 1, balance.Units);
        Assert.Equal((balance.Units, 0), await _stores.MoneyAsync(userId));
        Assert.False(await _stores.Redis.KeyExistsAsync(_stores.Keys.Messages));
        Assert.False(await _stores.Redis.KeyExistsAsync(_stores.Keys.NormalQueue));
        Assert.False(await _stores.Redis.KeyExistsAsync(_stores.Keys.Idempotency(userId, Request.RequestId)));
    }

    [Theory]
    [InlineData(4, false)]
    [InlineData(5, true)]
    public async Task Accept_counts_every_message_against_the_backlog(int bound, bool isTaken)
    {
        await _stores.AcceptedAsync(_stores.NewMessage(_userId));

        Assert.Equal(isTaken ? AcceptCode.Accepted : AcceptCode.BacklogFull, (await NewAcceptor(bound).AcceptAsync(NewBulk(4), null, default)).Code);
        Assert.Equal(isTaken ? 5 : 1, await _stores.Redis.HashLengthAsync(_stores.Keys.Messages));
    }

    [Fact]
    public async Task Accept_without_an_epoch_is_closed()
    {
        await _stores.Loader.LoadAsync(_userId, default);
        await _stores.Redis.KeyDeleteAsync(_stores.Keys.Epoch);

        Assert.Equal(AcceptCode.Closed, (await NewAcceptor().AcceptAsync(NewBulk(2), Request, default)).Code);
        Assert.Equal((CreditUnits, 0), await _stores.MoneyAsync(_userId));
    }

    [Fact]
    public async Task Accept_of_other_content_under_the_same_id_is_refused()
    {
        await NewAcceptor().AcceptAsync(NewBulk(2), Request, default);
        var money = await _stores.MoneyAsync(_userId);

        Assert.Equal(AcceptCode.OtherRequest, (await NewAcceptor().AcceptAsync(NewBulk(2), Request with { Fingerprint = "bulk:2" }, default)).Code);
        Assert.Equal((3, ""), await _stores.AcceptAsync(_stores.NewMessage(_userId), Request.RequestId));
        Assert.Equal(money, await _stores.MoneyAsync(_userId));
    }

    [Fact]
    public async Task Accept_under_the_id_of_a_single_message_is_refused()
    {
        await _stores.Loader.LoadAsync(_userId, default);
        await _stores.AcceptAsync(_stores.NewMessage(_userId), Request.RequestId, fingerprint: "0123");

        Assert.Equal(AcceptCode.OtherRequest, (await NewAcceptor().AcceptAsync(NewBulk(2), Request, default)).Code);
    }

    [Fact]
    public async Task Accept_of_twins_at_the_same_time_is_taken_once()
    {
        const int rounds = 200;
        const int twins = 6;
        var acceptor = NewAcceptor();
        for (int round = 0; round < rounds; round++)
        {
            var request = new Idempotency($"request {round}", "bulk:1");

            var answers = await Task.WhenAll(Enumerable.Range(0, twins).Select(_ => Task.Run(() => acceptor.AcceptAsync(NewBulk(7), request, default))));

            Assert.Single(answers, answer => answer.Code == AcceptCode.Accepted);
            Assert.Equal(twins - 1, answers.Count(answer => answer.Code == AcceptCode.Replayed));
            Assert.Single(answers.Select(answer => answer.Record!.ToString()).Distinct());
        }

        long cost = rounds * NewBulk(7).Sum(message => message.CostUnits);
        Assert.Equal((CreditUnits - cost, cost), await _stores.MoneyAsync(_userId));
        Assert.Equal(rounds * 7, await _stores.Redis.HashLengthAsync(_stores.Keys.Messages));
    }

    [Fact]
    public async Task Accept_of_many_bulks_beyond_the_balance_never_overspends_nor_takes_a_part()
    {
        long cost = NewBulk(50).Sum(message => message.CostUnits);
        const int affordable = 37;
        long userId = await _stores.NewAccountAsync((affordable * cost) + (cost / 2));

        var answers = await Task.WhenAll(Enumerable.Range(0, 200).Select(_ => NewAcceptor().AcceptAsync(
            [.. NewBulk(50).Select(message => message with { UserId = userId })], null, default)));

        Assert.Equal(affordable, answers.Count(answer => answer.Code == AcceptCode.Accepted));
        Assert.Equal(answers.Length - affordable, answers.Count(answer => answer.Code == AcceptCode.InsufficientBalance));
        Assert.Equal((cost / 2, affordable * cost), await _stores.MoneyAsync(userId));
        Assert.Equal(affordable * 50, await _stores.Redis.HashLengthAsync(_stores.Keys.Messages));
    }

    [Fact]
    public async Task Accept_repeated_after_Redis_was_emptied_gets_the_first_answer()
    {
        var first = await NewAcceptor().AcceptAsync(NewBulk(20), Request, default);
        await _stores.IngestAsync();
        await _stores.Redis.ExecuteAsync("FLUSHDB");
        await _stores.OpenEpochAsync();

        var again = await NewAcceptor().AcceptAsync(NewBulk(20), Request, default);

        Assert.Equal(AcceptCode.Replayed, again.Code);
        Assert.Equal(first.Record!.ToString(), again.Record!.ToString());
        Assert.Equal(20, await _stores.ScalarAsync<long>("SELECT count(*) FROM sms_messages"));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(7)]
    [InlineData(19)]
    public async Task Accept_repeated_after_Redis_lost_a_part_hands_in_that_part_alone(int lost)
    {
        var messages = NewBulk(20);
        await NewAcceptor().AcceptAsync(messages, Request, default);
        // Ingest has stored the others when Redis loses this one.
        await _stores.Redis.ListRemoveAsync(_stores.Keys.Queue(messages[lost].Priority), messages[lost].Id.ToString());
        await _stores.IngestAsync();
        await _stores.Redis.ExecuteAsync("FLUSHDB");
        await _stores.OpenEpochAsync();

        var again = await NewAcceptor().AcceptAsync(NewBulk(20), Request, default);

        Assert.Equal(AcceptCode.Accepted, again.Code);
        Assert.Equal([messages[lost].Id.ToString()], (await QueueAsync(Priority.Normal)).Concat(await QueueAsync(Priority.Express)));
        long cost = messages.Sum(message => message.CostUnits);
        Assert.Equal(CreditUnits - cost, (await _stores.MoneyAsync(_userId)).Balance);
        await _stores.IngestAsync();
        Assert.Equal(Ids(messages), await StoredAsync());
        Assert.Equal(AcceptCode.Replayed, (await NewAcceptor().AcceptAsync(NewBulk(20), Request, default)).Code);
    }

    private BulkAcceptor NewAcceptor(int backlog = 1_000_000) => new(
        new(_stores.Gate, _stores.Connection, _stores.Loader, _stores.Shards, Options.Create(new RedisOptions()), TimeProvider.System, NullLogger<Charger>.Instance),
        _stores.Shards, Options.Create(new AcceptOptions { BacklogLimit = backlog }), Options.Create(new GatewayOptions()));

    /// <summary>Messages of two prices; every third is express.</summary>
    private QueuedMessage[] NewBulk(int count)
    {
        var first = MessageId.NewBulk(_stores.Clock.GetUtcNow());
        return
        [
            .. Enumerable.Range(0, count).Select(position => _stores.NewMessage(
                _userId, position % 3 == 0 ? 2_000 : 1_000, position % 3 == 0 ? Priority.Express : Priority.Normal) with
            {
                Id = MessageId.InBulk(first, position),
                RequestId = Request.RequestId,
                RequestFingerprint = Request.Fingerprint,
            }),
        ];
    }

    private async Task<IEnumerable<string>> QueueAsync(Priority priority) =>
        (await _stores.Redis.ListRangeAsync(_stores.Keys.Queue(priority))).Select(id => (string)id!);

    private static IEnumerable<string> Ids(IEnumerable<QueuedMessage> messages) => messages.Select(message => message.Id.ToString());

    private async Task<IEnumerable<string>> StoredAsync() =>
        await _stores.ScalarAsync<string[]>("SELECT array_agg(id::text ORDER BY id) FROM sms_messages");
}
