using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Testing;

using Microsoft.Extensions.DependencyInjection;

using Npgsql;

using SmsGateway.Core.Accounts;
using SmsGateway.Core.Redis;
using SmsGateway.Workers.Audit;

using StackExchange.Redis;

namespace SmsGateway.Tests.EndToEnd;

/// <summary>The whole gateway as the AppHost runs it natively: Nginx, two API replicas, two workers, the provider simulator.</summary>
public class RunningStack : IAsyncLifetime
{
    private const string Key = "test";

    private static readonly TimeSpan StartLimit = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan CallLimit = TimeSpan.FromSeconds(5);

    /// <summary>The record of some hundred thousand messages is long.</summary>
    private static readonly TimeSpan LogLimit = TimeSpan.FromMinutes(1);

    private static readonly string[] Settings =
    [
        "--Services=all",
        "--Infrastructure=native",
        "--Api:Replicas=2",
        "--Workers:Replicas=2",
        // Refunds and usage reach balances sooner than by default: the tests wait for them.
        "--ServiceEnvironment:Credits__SyncInterval=00:00:01",
        // As real providers do, it repeats a receipt for longer than any fault here lasts.
        "--ServiceEnvironment:Simulator__ReceiptAttempts=10",
        "--ServiceEnvironment:Simulator__ReceiptBackoff=00:00:00.100",
        // A provider that was down is asked again sooner.
        "--ServiceEnvironment:Providers__0__Breaker__Break=00:00:02",
    ];

    // Not a private one of mode 0700: PostgreSQL and Nginx run as other users where the tests run as root.
    private readonly DirectoryInfo _data = Directory.CreateDirectory(
        Path.Combine(Path.GetTempPath(), $"sms-gateway-stack-{Path.GetRandomFileName()}"));
    private readonly string[] _moreSettings;
    private DistributedApplication? _app;
    private string _redis = "";

    public RunningStack()
        : this([])
    {
    }

    private protected RunningStack(string[] moreSettings) => _moreSettings = moreSettings;

    /// <summary>Settings beyond those of all stacks.</summary>
    private protected virtual string[] MoreSettings => _moreSettings;

    /// <summary>What a derived stack changes of the model before it starts.</summary>
    private protected virtual void Prepare(DistributedApplicationModel model)
    {
    }

    /// <summary>Whether messages go to the simulator.</summary>
    private protected virtual bool HasSimulator => true;

    internal NpgsqlDataSource Database { get; private set; } = null!;

    internal Shards Shards { get; } = new(1);

    /// <summary>Where all that the stack writes is.</summary>
    internal string DataFolder => _data.FullName;

    /// <summary>Where Redis keeps its append-only files.</summary>
    internal string RedisFolder => Path.Combine(_data.FullName, "redis");

    /// <summary>Where every process tells how to scrape its metrics.</summary>
    internal string ScrapeFolder => Path.Combine(_data.FullName, "scrape");

    /// <summary>Calls through Nginx.</summary>
    internal HttpClient Edge { get; private set; } = null!;

    /// <summary>Calls to one replica of the API without Nginx, as operators make them.</summary>
    internal HttpClient Api { get; private set; } = null!;

    /// <summary>The provider, where it is the simulator.</summary>
    internal SimulatorControl Simulator { get; private set; } = null!;

    private DistributedApplication App => _app ?? throw new InvalidOperationException("the stack is not started");

    public virtual async Task InitializeAsync()
    {
        var builder = await DistributedApplicationTestingBuilder.CreateAsync<Projects.SmsGateway_AppHost>(
            [.. Settings, .. MoreSettings, $"--DataFolder={_data.FullName}"]);
        _app = await builder.BuildAsync();
        Prepare(_app.Services.GetRequiredService<DistributedApplicationModel>());
        await _app.StartAsync();
        using var limit = new CancellationTokenSource(StartLimit);
        await _app.ResourceNotifications.WaitForResourceHealthyAsync("edge", WaitBehavior.StopOnResourceUnavailable, limit.Token);
        await _app.ResourceNotifications.WaitForResourceHealthyAsync("workers", WaitBehavior.StopOnResourceUnavailable, limit.Token);

        _redis = (await _app.GetConnectionStringAsync("redis", limit.Token))!;
        // Not pooled: a test that kills PostgreSQL must not find a connection of before.
        Database = NpgsqlDataSource.Create($"{await _app.GetConnectionStringAsync("smsdb", limit.Token)};Pooling=false");
        Edge = new() { BaseAddress = _app.GetEndpoint("edge"), Timeout = CallLimit };
        Api = new() { BaseAddress = _app.GetEndpoint("api-1"), Timeout = CallLimit };
        if (HasSimulator)
        {
            Simulator = new(new() { BaseAddress = _app.GetEndpoint("simulator"), Timeout = LogLimit });
        }

        // A new Redis is opened by the first heartbeat of a worker.
        await Until.CompleteAsync(StartLimit, async () =>
        {
            string health = await Edge.GetStringAsync(new Uri("/health/", UriKind.Relative));
            return health.Contains("\"status\":\"Healthy\"", StringComparison.Ordinal) ? "" : health;
        });
    }

    public virtual async Task DisposeAsync()
    {
        if (_app is not null)
        {
            await _app.DisposeAsync();
        }

        Edge?.Dispose();
        Api?.Dispose();
        Simulator?.Dispose();
        if (Database is not null)
        {
            await Database.DisposeAsync();
        }

        _data.Delete(recursive: true);
    }

    /// <summary>A connection of the test's own.</summary>
    internal async Task<ConnectionMultiplexer> ConnectRedisAsync() => await ConnectionMultiplexer.ConnectAsync($"{_redis},allowAdmin=true");

    /// <summary>A process of a resource.</summary>
    internal Task<RunningProcess> FindProcessAsync(string resource, int replica = 0) => RunningProcess.FindAsync(App, resource, replica);

    /// <summary>Carries out a command of a resource, as the dashboard does.</summary>
    internal async Task ExecuteAsync(string resource, string command)
    {
        var result = await App.ResourceCommands.ExecuteCommandAsync(resource, command);
        Assert.True(result.Success, $"{command} failed");
    }

    /// <summary>An account with a key and this credit, in minor units, as after the sync of its first top-up.</summary>
    internal async Task<Customer> NewCustomerAsync(long units, Rights rights = Rights.Send | Rights.Read)
    {
        string key = ApiKey.New();
        await using var command = Database.CreateCommand(
            """
            WITH account AS (
              INSERT INTO accounts (name) VALUES (gen_random_uuid()::text) RETURNING user_id
            ), credit AS (
              INSERT INTO credit_accounts (user_id, balance, sync_seq) SELECT user_id, $4, 1 FROM account RETURNING user_id
            ), key AS (
              INSERT INTO api_keys (key_hash, user_id, name, rights) SELECT $1, user_id, $2, $3 FROM account
            ), topup AS (
              INSERT INTO credit_ledger (user_id, kind, amount, reference, sync_seq)
              SELECT user_id, 'topup', $4, 'test', 1 FROM credit WHERE $4 > 0
            )
            SELECT user_id FROM account
            """);
        command.Parameters.Add(new() { Value = ApiKey.Hash(key) });
        command.Parameters.Add(new() { Value = Key });
        command.Parameters.Add(new() { Value = rights.Names() });
        command.Parameters.Add(new() { Value = units });
        return new(Edge, (long)(await command.ExecuteScalarAsync())!, key, units);
    }

    /// <summary>Runs the audit as <c>./gateway audit</c> does, and fails with what it found broken.</summary>
    internal async Task AssertAuditIsCleanAsync()
    {
        using var redis = await ConnectRedisAsync();
        AuditLine[] lines =
        [
            .. await new MoneyAudit(Database, new(Database, new(redis, Database, Shards))).RunAsync(default),
            .. await new MessageAudit(redis, Database, Shards, TimeProvider.System).RunAsync(default),
        ];
        Assert.Empty(lines.Where(line => line.IsViolation)
            .Select(line => $"{line.Invariant} {line.Count} {line.Name}: {string.Join(", ", line.Examples)}"));
    }
}

/// <summary>The tests that start the whole gateway: one after another, and beside no other tests, since they kill and measure.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class EndToEndTestGroup
{
    public const string Name = "end to end";
}

/// <summary>The tests of what the API answers: they share one gateway, in which nothing is killed.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class RequestTestGroup : ICollectionFixture<RunningStack>
{
    public const string Name = "requests";
}
