using System.Globalization;
using System.Net.Http.Json;

using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Testing;

using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Console;

using Npgsql;

using SmsGateway.Core.Accounts;
using SmsGateway.Core.Credits;
using SmsGateway.Core.Redis;
using SmsGateway.Workers.Audit;
using SmsGateway.Workers.Commands;

using StackExchange.Redis;

namespace SmsGateway.Load.Stack;

/// <summary>An account to send from.</summary>
internal sealed record BenchAccount(long UserId, string Key)
{
    /// <summary>Sends one message by an ordinary client, apart from the load.</summary>
    public async Task<HttpResponseMessage> SendAsync(HttpClient http, object message, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/sms/send/") { Content = JsonContent.Create(message) };
        request.Headers.Add("X-Api-Key", Key);
        return await http.SendAsync(request, cancellationToken);
    }
}

/// <summary>The gateway as the AppHost runs it, natively and with data of its own, for one case. Nothing of it is left when it is disposed.</summary>
internal sealed class BenchStack : IAsyncDisposable
{
    private const long CreditsPerAccount = 1_000_000_000;

    private static readonly TimeSpan StartLimit = TimeSpan.FromMinutes(3);
    private static readonly TimeSpan BetweenLooks = TimeSpan.FromMilliseconds(50);

    private readonly DirectoryInfo _data;
    private readonly DistributedApplication _app;

    private BenchStack(DirectoryInfo data, DistributedApplication app) => (_data, _app) = (data, app);

    public NpgsqlDataSource Database { get; private set; } = null!;

    public IConnectionMultiplexer Redis { get; private set; } = null!;

    public Shards Shards { get; } = new(1);

    public RedisKeys Keys => Shards.All[0];

    /// <summary>Nginx.</summary>
    public Uri Edge => _app.GetEndpoint("edge");

    /// <summary>The provider.</summary>
    public Uri Simulator => _app.GetEndpoint("simulator");

    /// <summary>The first API process, without Nginx.</summary>
    public Uri Api => _app.GetEndpoint("api-1");

    /// <summary>Starts it and waits until it is healthy.</summary>
    /// <param name="settings">Of the AppHost: <c>--Api:Replicas=1</c>, <c>--ServiceEnvironment:NAME=value</c> and the like.</param>
    /// <param name="cancellationToken">Ends the waiting; what was started is stopped.</param>
    public static async Task<BenchStack> StartAsync(IEnumerable<string> settings, CancellationToken cancellationToken)
    {
        BenchRun.Say("starting the stack");
        // Not a private one of mode 0700: PostgreSQL and Nginx run as other users where the bench runs as root.
        var data = Directory.CreateDirectory(Path.Combine(Path.GetTempPath(), $"sms-gateway-bench-{Path.GetRandomFileName()}"));
        var builder = await DistributedApplicationTestingBuilder.CreateAsync<Projects.SmsGateway_AppHost>(
            ["--Services=all", "--Infrastructure=native", $"--DataFolder={data.FullName}", .. settings, .. MoreSettings()],
            cancellationToken);
        builder.Services.Configure<ConsoleLoggerOptions>(console => console.LogToStandardErrorThreshold = LogLevel.Trace);
        builder.Services.AddLogging(logging => logging.SetMinimumLevel(LogLevel.Warning));
        var stack = new BenchStack(data, await builder.BuildAsync(cancellationToken));
        try
        {
            await stack.StartAsync(cancellationToken);
            return stack;
        }
        catch
        {
            await stack.DisposeAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        Redis?.Dispose();
        if (Database is not null)
        {
            await Database.DisposeAsync();
        }

        await _app.DisposeAsync();
        _data.Delete(recursive: true);
    }

    /// <summary>Makes accounts with more credit than a run can spend.</summary>
    public async Task<BenchAccount[]> NewAccountsAsync(int count, CancellationToken cancellationToken)
    {
        var sync = new CreditSync(Redis, Database, Shards);
        var accounts = new List<BenchAccount>();
        for (int i = 0; i < count; i++)
        {
            string key = ApiKey.New();
            long userId = await SeedCommand.MakeAsync(
                Database, $"bench {Guid.CreateVersion7()}", CreditsPerAccount, Rights.Send | Rights.Read, key, cancellationToken)
                ?? throw new BenchException("the account is there already");
            await sync.SyncAccountAsync(userId, cancellationToken);
            accounts.Add(new(userId, key));
        }

        return [.. accounts];
    }

    /// <summary>Stops the processes of a resource that has one replica; ends when they have ended.</summary>
    public async Task StopAsync(string resource, CancellationToken cancellationToken)
    {
        await CommandAsync(resource, KnownResourceCommands.StopCommand, cancellationToken);
        await _app.ResourceNotifications.WaitForResourceAsync(
            resource, update => KnownResourceStates.TerminalStates.Contains(update.Snapshot.State?.Text ?? ""), cancellationToken);
    }

    /// <summary>Starts a resource that was stopped; ends when it is healthy.</summary>
    public async Task StartAsync(string resource, CancellationToken cancellationToken)
    {
        await CommandAsync(resource, KnownResourceCommands.StartCommand, cancellationToken);
        await _app.ResourceNotifications.WaitForResourceHealthyAsync(resource, cancellationToken);
    }

    /// <summary>Megabytes of memory that a resource of one replica has in use.</summary>
    public async Task<double> MemoryAsync(string resource, CancellationToken cancellationToken)
    {
        int service = ServiceProcess.Below(await ProcessIdAsync(resource, cancellationToken));
        string status = await File.ReadAllTextAsync($"/proc/{service}/status", cancellationToken);
        string line = status.Split('\n').First(line => line.StartsWith("VmRSS:", StringComparison.Ordinal));
        return double.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture) / 1024;
    }

    /// <summary>Waits until there is nothing more to wait for.</summary>
    /// <param name="limit">How long at most.</param>
    /// <param name="missing">What is missing still; empty when nothing is.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    public static async Task UntilAsync(TimeSpan limit, Func<Task<string>> missing, CancellationToken cancellationToken)
    {
        long start = TimeProvider.System.GetTimestamp();
        using var timer = new PeriodicTimer(BetweenLooks);
        while (await missing() is { Length: > 0 } left)
        {
            if (TimeProvider.System.GetElapsedTime(start) > limit)
            {
                throw new BenchException($"still missing after {limit.TotalSeconds:0} s: {left}");
            }

            await timer.WaitForNextTickAsync(cancellationToken);
        }
    }

    /// <summary>Runs the audit as <c>./gateway audit</c> does; returns how many violations it found.</summary>
    public async Task<long> AuditAsync(CancellationToken cancellationToken)
    {
        AuditLine[] lines =
        [
            .. await new MoneyAudit(Database, new(Database, new(Redis, Database, Shards))).RunAsync(cancellationToken),
            .. await new MessageAudit(Redis, Database, Shards, TimeProvider.System).RunAsync(cancellationToken),
        ];
        foreach (var broken in lines.Where(line => line.IsViolation))
        {
            BenchRun.Say($"{broken.Invariant} broken: {broken.Count} {broken.Name}: {string.Join(", ", broken.Examples)}");
        }

        return lines.Where(line => line.IsViolation).Sum(line => line.Count);
    }

    /// <summary>Tells what processor time the parts of the stack use; each of them must have one replica.</summary>
    public async Task<ProcessorTime> WatchProcessorAsync(IEnumerable<string> resources, CancellationToken cancellationToken)
    {
        var processes = new Dictionary<string, int>();
        foreach (string resource in resources)
        {
            processes[resource] = await ProcessIdAsync(resource, cancellationToken);
        }

        return new(processes);
    }

    private async Task<int> ProcessIdAsync(string resource, CancellationToken cancellationToken)
    {
        var running = await _app.ResourceNotifications.WaitForResourceAsync(resource, update => ProcessId(update) is not null, cancellationToken);
        return ProcessId(running)!.Value;
    }

    /// <summary>For experiments: <c>BENCH_SETTINGS='--ServiceEnvironment:DOTNET_gcServer=0 …'</c>.</summary>
    private static string[] MoreSettings() =>
        (Environment.GetEnvironmentVariable("BENCH_SETTINGS") ?? "").Split(' ', StringSplitOptions.RemoveEmptyEntries);

    private static int? ProcessId(ResourceEvent update)
    {
        object? id = update.Snapshot.Properties.FirstOrDefault(property => property.Name == "executable.pid")?.Value;
        return update.Snapshot.State?.Text == KnownResourceStates.Running && id is not null ? Convert.ToInt32(id, CultureInfo.InvariantCulture) : null;
    }

    private async Task CommandAsync(string resource, string command, CancellationToken cancellationToken)
    {
        // A command is for one instance, whose name the resource's own updates tell.
        var known = await _app.ResourceNotifications.WaitForResourceAsync(resource, _ => true, cancellationToken);
        var result = await _app.ResourceCommands.ExecuteCommandAsync(known.ResourceId, command, cancellationToken);
        if (!result.Success)
        {
            throw new BenchException($"{command} of {resource}: {result.Message}");
        }
    }

    private async Task StartAsync(CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(StartLimit);
        await _app.StartAsync(limit.Token);
        foreach (string resource in (string[])["edge", "workers"])
        {
            await _app.ResourceNotifications.WaitForResourceHealthyAsync(resource, WaitBehavior.StopOnResourceUnavailable, limit.Token);
        }

        Redis = await ConnectionMultiplexer.ConnectAsync($"{await _app.GetConnectionStringAsync("redis", limit.Token)},allowAdmin=true,syncTimeout=60000");
        Database = NpgsqlDataSource.Create($"{await _app.GetConnectionStringAsync("smsdb", limit.Token)};Command Timeout=1800");

        // A new Redis is opened by the first heartbeat of a worker.
        using var http = new HttpClient { BaseAddress = Edge };
        await UntilAsync(
            StartLimit,
            async () =>
            {
                string health = await http.GetStringAsync(new Uri("/health/", UriKind.Relative), limit.Token);
                return health.Contains("\"status\":\"Healthy\"", StringComparison.Ordinal) ? "" : health;
            },
            limit.Token);
    }
}
