using SmsGateway.Core.Messages;
using SmsGateway.Core.Redis;
using SmsGateway.ProviderSimulator.Control;

using StackExchange.Redis;

namespace SmsGateway.Tests.EndToEnd;

/// <summary>
/// What is left of traffic when the gateway has come to rest: the customers' own record, the database and the provider's record,
/// each independent of the others.
/// </summary>
internal sealed class Settlement
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(3);

    private readonly RunningStack _stack;
    private readonly Traffic _traffic;

    private Settlement(RunningStack stack, Traffic traffic, Records records) => (_stack, _traffic, Records) = (stack, traffic, records);

    /// <summary>All three records.</summary>
    public Records Records { get; }

    public IReadOnlyList<StoredMessage> Stored => Records.Stored;

    public ILookup<Guid, MessageView> AtProvider => Records.AtProvider;

    /// <summary>Waits until nothing is on its way any more, and reads all three records.</summary>
    /// <param name="stack">The gateway.</param>
    /// <param name="traffic">What it was sent; stopped.</param>
    /// <param name="goodEnds">How messages may end that the provider does not refuse.</param>
    public static async Task<Settlement> OfAsync(RunningStack stack, Traffic traffic, params MessageState[] goodEnds)
    {
        using var redis = await stack.ConnectRedisAsync();
        var accounts = traffic.Customers.Select(customer => customer.UserId).ToArray();
        string[] ends = [.. goodEnds.Append(MessageState.Failed).Select(state => state.Name())];
        await Until.CompleteAsync(Limit, async () =>
        {
            (string Name, long Count)[] left =
            [
                .. await CountInRedisAsync(redis.GetDatabase(), stack.Shards.All[0], accounts),
                .. await CountInDatabaseAsync(stack, accounts, ends),
            ];
            return string.Join(", ", left.Where(item => item.Count != 0));
        });
        var atProvider = await (stack.Simulator?.ReadLogAsync() ?? NoLogAsync());
        var records = new Records(
            traffic.Accepted, await ReadStoredAsync(stack, accounts), atProvider, await CountRefundsAsync(stack, accounts), goodEnds);
        return new(stack, traffic, records);
    }

    /// <summary>Each message answered with 202 is one row with the cost that was answered, and there is no other row.</summary>
    public void AssertStoredOnce()
    {
        Assert.Empty(Records.Missing);
        AssertNothingElseIsStored();
    }

    /// <summary>Each row is of a message that was answered with 202, and of the cost that was answered; none is there twice.</summary>
    public void AssertNothingElseIsStored()
    {
        Assert.Empty(Stored.GroupBy(message => message.Id).Where(rows => rows.Count() > 1).Select(rows => rows.Key));
        Assert.Equal(0, Records.StoredOtherwise);
    }

    /// <summary>What the provider refuses has failed; all else has ended well.</summary>
    public void AssertEndedWell() => Assert.Equal(0, Records.EndedOtherwise);

    /// <summary>The provider has taken each message once, but those that it refuses.</summary>
    public void AssertSentOnce() =>
        Assert.DoesNotContain(Stored, message => AtProvider[message.Id].Count() != (_traffic.Accepted[message.Id].IsRefused ? 0 : 1));

    /// <summary>Each customer can spend what it began with, less its messages that have not failed, to the unit; and the audit agrees.</summary>
    public async Task AssertMoneyIsExactAsync()
    {
        foreach (var customer in _traffic.Customers)
        {
            long left = LeftOf(customer);
            var answer = await customer.GetAsync("/api/credits/balance/");
            Assert.Equal(left, answer.Units("balance"));
            Assert.Equal(left, answer.Units("database_balance"));
            Assert.Equal(0, answer.Units("pending"));
        }

        await _stack.AssertAuditIsCleanAsync();
    }

    /// <summary>By how many minor units what a customer can spend differs from what it should be able to, by account.</summary>
    public async Task<IReadOnlyDictionary<long, long>> ReadDriftsAsync()
    {
        var drifts = new Dictionary<long, long>();
        foreach (var customer in _traffic.Customers)
        {
            drifts.Add(customer.UserId, await customer.BalanceAsync() - LeftOf(customer));
        }

        return drifts;
    }

    private long LeftOf(Customer customer) => Records.LeftOf(customer.UserId, customer.CreditUnits);

    private static async Task<long> CountRefundsAsync(RunningStack stack, long[] accounts)
    {
        await using var command = stack.Database.CreateCommand("SELECT count(*) FROM credit_ledger WHERE kind = 'refund' AND user_id = ANY($1)");
        command.Parameters.Add(new() { Value = accounts });
        return (long)(await command.ExecuteScalarAsync())!;
    }

    private static Task<ILookup<Guid, MessageView>> NoLogAsync() =>
        Task.FromResult(Array.Empty<MessageView>().ToLookup(message => message.ClientMessageId ?? Guid.Empty));

    private static async Task<(string Name, long Count)[]> CountInRedisAsync(IDatabase redis, RedisKeys keys, long[] accounts)
    {
        var workers = await redis.SortedSetRangeByRankAsync(keys.Workers);
        var inFlight = await Task.WhenAll(workers.Select(worker => redis.HashLengthAsync(keys.DispatchClaim((string)worker!))));
        var pending = await Task.WhenAll(accounts.Select(account => redis.StringGetAsync(keys.PendingDeduct(account))));
        return
        [
            ("messages in Redis", await redis.HashLengthAsync(keys.Messages)),
            ("messages with a dispatcher", inFlight.Sum()),
            ("ingest claims", await redis.HashLengthAsync(keys.IngestClaims)),
            ("outcomes", await redis.ListLengthAsync(keys.StatusBuffer)),
            ("status claims", await redis.HashLengthAsync(keys.StatusClaims)),
            ("outcomes without a message", await redis.SortedSetLengthAsync(keys.ParkedOutcomes)),
            ("units that the sync has not seen", pending.Sum(value => (long)value)),
        ];
    }

    private static async Task<(string Name, long Count)[]> CountInDatabaseAsync(RunningStack stack, long[] accounts, string[] ends)
    {
        await using var command = stack.Database.CreateCommand(
            """
            SELECT (SELECT count(*) FROM credit_ledger WHERE user_id = ANY($1) AND sync_seq IS NULL),
                   (SELECT count(*) FROM credit_accounts WHERE user_id = ANY($1) AND reflected_seq < sync_seq),
                   (SELECT count(*) FROM sms_messages WHERE user_id = ANY($1) AND state::text <> ALL($2)),
                   (SELECT string_agg(DISTINCT state::text, ' ') FROM sms_messages WHERE user_id = ANY($1) AND state::text <> ALL($2))
            """);
        command.Parameters.Add(new() { Value = accounts });
        command.Parameters.Add(new() { Value = ends });
        await using var reader = await command.ExecuteReaderAsync();
        await reader.ReadAsync();
        string states = await reader.IsDBNullAsync(3) ? "" : reader.GetString(3);
        return
        [
            ("ledger rows not applied", reader.GetInt64(0)),
            ("accounts whose sync has not reached Redis", reader.GetInt64(1)),
            ($"messages {states}", reader.GetInt64(2)),
        ];
    }

    private static async Task<List<StoredMessage>> ReadStoredAsync(RunningStack stack, long[] accounts)
    {
        await using var command = stack.Database.CreateCommand(
            "SELECT id, user_id, cost, state::text, attempts, provider_message_id FROM sms_messages WHERE user_id = ANY($1)");
        command.Parameters.Add(new() { Value = accounts });
        await using var reader = await command.ExecuteReaderAsync();
        var stored = new List<StoredMessage>();
        while (await reader.ReadAsync())
        {
            Assert.True(MessageStates.TryParse(reader.GetString(3), out var state));
            string? atProvider = await reader.IsDBNullAsync(5) ? null : reader.GetString(5);
            stored.Add(new(reader.GetGuid(0), reader.GetInt64(1), reader.GetInt64(2), state, reader.GetInt16(4), atProvider));
        }

        return stored;
    }
}
