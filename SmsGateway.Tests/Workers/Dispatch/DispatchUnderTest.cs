using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

using Npgsql;

using SmsGateway.Core.Messages;
using SmsGateway.Core.Redis;
using SmsGateway.Tests.Fixtures;
using SmsGateway.Workers.Dispatch;
using SmsGateway.Workers.Claims;

using StackExchange.Redis;

namespace SmsGateway.Tests.Workers.Dispatch;

/// <summary>Dispatch as the workers run it, against an empty Redis and the provider of the test.</summary>
internal sealed class DispatchUnderTest : IAsyncDisposable
{
    /// <summary>How long a test waits for what must happen.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan BetweenLooks = TimeSpan.FromMilliseconds(5);

    private readonly NpgsqlDataSource _noDatabase = NpgsqlDataSource.Create("Host=127.0.0.1;Port=1");

    private DispatchUnderTest(IConnectionMultiplexer connection, Uri provider, (string Setting, string Value)[] settings)
    {
        Redis = connection.GetDatabase();
        var builder = Microsoft.Extensions.Hosting.Host.CreateEmptyApplicationBuilder(null);
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["Providers:0:Name"] = "main",
            ["Providers:0:Address"] = provider.AbsoluteUri,
            ["Providers:0:AccountSid"] = "AC1",
            ["Providers:0:AuthToken"] = "token",
            ["Providers:0:From"] = "+15005550006",
            ["Dispatch:RetryBase"] = "00:00:00.010",
        });
        builder.Configuration.AddInMemoryCollection(settings.Select(pair => KeyValuePair.Create(pair.Setting, (string?)pair.Value)));
        builder.Services.AddSingleton(connection);
        builder.Services.AddSingleton(_noDatabase);
        builder.Services.AddSingleton(new Shards(1));
        builder.Services.AddSingleton<EpochGate>();
        builder.Services.AddSingleton<WorkerIdentity>();
        builder.AddDispatch();
        Host = builder.Build();
        Identity = Host.Services.GetRequiredService<WorkerIdentity>();
    }

    public RedisKeys Keys { get; } = new(0);

    public IDatabase Redis { get; }

    public IHost Host { get; }

    public WorkerIdentity Identity { get; }

    public RedisKey Claim => Keys.DispatchClaim(Identity.Id);

    public static async Task<DispatchUnderTest> CreateAsync(PrivateRedis redis, Uri provider, params (string Setting, string Value)[] settings)
    {
        var server = redis.Connection.GetServer(redis.Connection.GetEndPoints()[0]);
        await server.FlushDatabaseAsync();
        return await JoinAsync(redis, provider, settings);
    }

    /// <summary>Another worker on what is there.</summary>
    public static async Task<DispatchUnderTest> JoinAsync(PrivateRedis redis, Uri provider, params (string Setting, string Value)[] settings)
    {
        var dispatch = new DispatchUnderTest(redis.Connection, provider, settings);
        await dispatch.Redis.HashSetAsync(dispatch.Keys.Epoch, [new("id", "test"), new("counter", 1)]);

        // The gate's check needs PostgreSQL, which is no part of these tests.
        await RedisScript.ClaimDispatch.LoadAsync(redis.Connection);
        return dispatch;
    }

    /// <summary>Starts dispatch with a lease that outlasts the test.</summary>
    public async Task<DispatchUnderTest> StartAsync()
    {
        Identity.Renewed(TimeProvider.System.GetTimestamp() + (3600 * TimeProvider.System.TimestampFrequency));
        await Host.StartAsync();
        return this;
    }

    public Task EnqueueAsync(QueuedMessage message) => EnqueueAsync(message, MessageJson.Write(message));

    public async Task EnqueueAsync(QueuedMessage message, byte[] payload)
    {
        await Redis.HashSetAsync(Keys.Messages, message.Id.ToString(), payload);
        if (await Redis.ListRightPushAsync(Keys.DispatchList(message.Priority, message.UserId), message.Id.ToString()) == 1)
        {
            await Redis.ListRightPushAsync(Keys.Rotation(message.Priority), message.UserId);
        }
    }

    /// <summary>Puts many messages of one account into a lane, as a backlog.</summary>
    public async Task EnqueueAllAsync(IReadOnlyList<QueuedMessage> messages)
    {
        var (priority, user) = (messages[0].Priority, messages[0].UserId);
        await Redis.HashSetAsync(Keys.Messages, [.. messages.Select(message => new HashEntry(message.Id.ToString(), MessageJson.Write(message)))]);
        await Redis.ListRightPushAsync(Keys.DispatchList(priority, user), [.. messages.Select(message => (RedisValue)message.Id.ToString())]);
        await Redis.ListRightPushAsync(Keys.Rotation(priority), user);
    }

    /// <summary>Waits until so many outcomes are written.</summary>
    public async Task<List<Outcome>> OutcomesAsync(int count)
    {
        await UntilAsync(async () => await Redis.ListLengthAsync(Keys.StatusBuffer) >= count);
        return [.. (await Redis.ListRangeAsync(Keys.StatusBuffer)).Select(value => MessageJson.ReadOutcome((byte[])value!))];
    }

    public static async Task UntilAsync(Func<Task<bool>> condition)
    {
        using var limit = new CancellationTokenSource(Patience);
        while (!await condition())
        {
            await Task.Delay(BetweenLooks, limit.Token);
        }
    }

    /// <summary>Whether nothing of any message is left but its outcome.</summary>
    public async Task<bool> IsEmptyAsync() =>
        await Redis.HashLengthAsync(Keys.Messages) + await Redis.HashLengthAsync(Claim) + await Redis.SortedSetLengthAsync(Keys.Scheduled) == 0;

    public async ValueTask DisposeAsync()
    {
        await Host.StopAsync();
        Host.Dispose();
        await _noDatabase.DisposeAsync();
    }
}
