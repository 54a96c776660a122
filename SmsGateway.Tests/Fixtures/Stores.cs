using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

using Npgsql;

using SmsGateway.Core;
using SmsGateway.Core.Credits;
using SmsGateway.Core.Messages;
using SmsGateway.Core.Redis;
using SmsGateway.Core.Text;
using SmsGateway.Workers.Claims;
using SmsGateway.Workers.Ingest;
using SmsGateway.Workers.Partitions;
using SmsGateway.Workers.Recovery;
using SmsGateway.Workers.Status;

using StackExchange.Redis;

namespace SmsGateway.Tests.Fixtures;

/// <summary>A Redis and a database of one test's own, with the gateway's parts on them and what a test does to them.</summary>
internal sealed class Stores : IAsyncDisposable
{
    private Stores(IConnectionMultiplexer connection, NpgsqlDataSource database)
    {
        Connection = connection;
        Database = database;
        Gate = new(connection, database, Shards);
        Loader = new(connection, database, Shards);
        Sync = new(connection, database, Shards);
    }

    public required string ConnectionString { get; init; }

    public required string RedisAddress { get; init; }

    public IConnectionMultiplexer Connection { get; }

    public NpgsqlDataSource Database { get; }

    public Shards Shards { get; } = new(1);

    public RedisKeys Keys => Shards.All[0];

    public IDatabase Redis => Connection.GetDatabase();

    public TestClock Clock { get; } = new();

    public EpochGate Gate { get; }

    public BalanceLoader Loader { get; }

    public CreditSync Sync { get; }

    public static async Task<Stores> OpenAsync(string redis, string database)
    {
        var stores = await JoinAsync(redis, database);
        await stores.Redis.ExecuteAsync("FLUSHDB");
        return stores;
    }

    /// <summary>Stores that are in use, by connections of one's own.</summary>
    public static async Task<Stores> JoinAsync(string redis, string database)
    {
        var connection = await ConnectionMultiplexer.ConnectAsync(redis);
        return new(connection, NpgsqlDataSource.Create(database)) { ConnectionString = database, RedisAddress = redis };
    }

    public async ValueTask DisposeAsync()
    {
        Connection.Dispose();
        await Database.DisposeAsync();
    }

    public WorkerIdentity NewWorker() => new(Clock);

    public Ingester NewIngester(WorkerIdentity worker)
    {
        var catalog = new PartitionCatalog(Database, Options.Create(new PartitionsOptions()));
        return new(Connection, new IngestTransaction(Database, catalog), worker, new(UnheardMeters.Instance), Clock, NullLogger<Ingester>.Instance);
    }

    public PartitionRetention NewRetention(PartitionsOptions? options = null) => new(Database, Options.Create(options ?? new()), Clock);

    public StatusFlush NewStatusFlush(WorkerIdentity worker) => new(
        Connection, new StatusTransaction(Database), new Repeats(Connection, Shards), worker, new(UnheardMeters.Instance), Clock, Options.Create(new StatusOptions()), NullLogger<StatusFlush>.Instance);

    public RedisRebuild NewRebuild() => new(
        Connection, Database, Gate, Shards, Options.Create(new GatewayOptions()), Clock, NullLogger<RedisRebuild>.Instance);

    /// <summary>Makes this Redis one that may be spent from.</summary>
    public async Task OpenEpochAsync() => Assert.True(await NewRebuild().RunAsync(Keys, "a test begins", default));

    /// <summary>An account with this credit in the database, none of it told to Redis.</summary>
    public async Task<long> NewAccountAsync(long units)
    {
        long userId = await ScalarAsync<long>(
            """
            WITH account AS (INSERT INTO accounts (name) VALUES (gen_random_uuid()::text) RETURNING user_id)
            INSERT INTO credit_accounts (user_id) SELECT user_id FROM account RETURNING user_id
            """);
        if (units > 0)
        {
            await TopUpAsync(userId, units);
        }

        return userId;
    }

    public async Task TopUpAsync(long userId, long units)
    {
        await ExecuteAsync(
            "INSERT INTO credit_ledger (user_id, kind, amount, reference) VALUES ($1, 'topup', $2, gen_random_uuid()::text)", userId, units);
        await Sync.SyncAccountAsync(userId, default);
    }

    public QueuedMessage NewMessage(long userId, long cost = 1_000, Priority priority = Priority.Normal, DateTimeOffset? scheduledAt = null) => new()
    {
        Id = MessageId.New(Clock.GetUtcNow()),
        UserId = userId,
        Priority = priority,
        Recipient = "+491701234567",
        Text = "hello",
        Encoding = SmsEncoding.Gsm7,
        Segments = 1,
        CostUnits = cost,
        ScheduledAt = scheduledAt,
        ValidUntil = Clock.GetUtcNow().AddDays(1),
    };

    /// <summary>Runs accept.lua as the API does; returns its code and detail.</summary>
    public async Task<(int Code, string Detail)> AcceptAsync(QueuedMessage message, string? requestId = null, string fingerprint = "f", int backlog = 1_000_000)
    {
        List<RedisKey> keys =
        [
            Keys.UserBalance(message.UserId), Keys.PendingDeduct(message.UserId), Keys.Messages, Keys.Queue(message.Priority), Keys.BufferedCost, Keys.Epoch,
        ];
        List<RedisValue> arguments = [message.Id.ToString(), MessageJson.Write(message), message.CostUnits, message.UserId, backlog];
        if (requestId is not null)
        {
            keys.Add(Keys.Idempotency(message.UserId, requestId));
            arguments.AddRange([fingerprint, 86_400]);
        }

        var result = (RedisResult[])(await Gate.RunAsync(RedisScript.Accept, [.. keys], [.. arguments]))!;
        return ((int)result[0], result.Length > 1 ? (string?)result[1] ?? "" : "");
    }

    /// <summary>Accepts a message, loading the balance first where Redis lacks it.</summary>
    public async Task<QueuedMessage> AcceptedAsync(QueuedMessage message)
    {
        await Loader.LoadAsync(message.UserId, default);
        Assert.Equal(1, (await AcceptAsync(message)).Code);
        return message;
    }

    /// <summary>Claims and processes until the buffer is empty.</summary>
    public Task IngestAsync() => DrainAsync(NewIngester(NewWorker()));

    /// <summary>Claims and processes until the status buffer is empty.</summary>
    public Task FlushStatusAsync() => DrainAsync(NewStatusFlush(NewWorker()));

    public async Task<(long Balance, long Pending)> MoneyAsync(long userId) =>
        ((long)await Redis.StringGetAsync(Keys.UserBalance(userId)), (long)await Redis.StringGetAsync(Keys.PendingDeduct(userId)));

    public Task<long> DatabaseBalanceAsync(long userId) => ScalarAsync<long>("SELECT balance FROM credit_accounts WHERE user_id = $1", userId);

    public async Task<string> StateAsync(Guid id) => await ScalarAsync<string>("SELECT state::text FROM sms_messages WHERE id = $1", id);

    public async Task<T> ScalarAsync<T>(string sql, params object[] arguments)
    {
        await using var command = Command(sql, arguments);
        return (T)(await command.ExecuteScalarAsync())!;
    }

    public async Task ExecuteAsync(string sql, params object[] arguments)
    {
        await using var command = Command(sql, arguments);
        await command.ExecuteNonQueryAsync();
    }

    private NpgsqlCommand Command(string sql, object[] arguments)
    {
        var command = Database.CreateCommand(sql);
        foreach (object argument in arguments)
        {
            command.Parameters.Add(new() { Value = argument });
        }

        return command;
    }

    private async Task DrainAsync<TClaim>(IClaimSource<TClaim> source)
        where TClaim : class, IClaim
    {
        while (await source.ClaimAsync(Keys, Guid.CreateVersion7(Clock.GetUtcNow()), 1_000) is { } claim)
        {
            await source.ProcessAsync(Keys, claim, default);
        }
    }
}
