using StackExchange.Redis;

namespace SmsGateway.Tests.EndToEnd.Chaos;

/// <summary>A harm that was done.</summary>
/// <param name="Strike">What was to be done.</param>
/// <param name="Begun">When it was.</param>
/// <param name="Mended">When all processes were there again.</param>
/// <param name="OnlyInRedis">Where Redis lost time: what it held that moment. Nothing else may be lost.</param>
internal sealed record StruckAt(Strike Strike, DateTimeOffset Begun, DateTimeOffset Mended, IReadOnlySet<Guid> OnlyInRedis);

/// <summary>Does harm to the running gateway and mends it.</summary>
internal sealed class Havoc(RunningStack stack)
{
    private const string ProviderFaults =
        """{"resetBeforeAccept":0.3,"resetAfterAccept":0.3,"halfAnswer":0.1,"unavailable":0.1,"serverError":0.1}""";

    /// <summary>Longer than it takes to kill it.</summary>
    private static readonly TimeSpan HeldFor = TimeSpan.FromMinutes(1);

    private static readonly (string Resource, int Replica)[] All =
        [("redis", 0), ("postgres", 0), ("simulator", 0), ("workers", 0), ("workers", 1), ("api-1", 0), ("api-2", 0), ("edge", 0)];

    // Of the harm that is just done.
    private HashSet<Guid> _onlyInRedis = [];

    /// <summary>Strikes by plan, one harm after the other, each mended before the next.</summary>
    public async Task<IReadOnlyList<StruckAt>> RunAsync(ChaosPlan plan)
    {
        var done = new List<StruckAt>();
        long start = TimeProvider.System.GetTimestamp();
        foreach (var strike in plan.Strikes)
        {
            await WaitAsync(strike.At - TimeProvider.System.GetElapsedTime(start));
            _onlyInRedis = [];
            var begun = TimeProvider.System.GetUtcNow();
            await StrikeAsync(strike);
            done.Add(new(strike, begun, TimeProvider.System.GetUtcNow(), _onlyInRedis));
        }

        await WaitAsync(plan.Duration - TimeProvider.System.GetElapsedTime(start));
        return done;
    }

    private Task StrikeAsync(Strike strike) => strike.Harm switch
    {
        Harm.Kill => KillAsync([(strike.Resource, strike.Resource == "workers" ? strike.Replica : 0)], strike.Duration),
        Harm.KillAll => KillAsync(All, strike.Duration),
        Harm.Pause => PauseAsync([(strike.Resource, strike.Resource == "workers" ? strike.Replica : 0)], strike.Duration),
        Harm.PauseWorkers => PauseAsync([("workers", 0), ("workers", 1)], strike.Duration),
        Harm.FillRedis => FillRedisAsync(strike.Duration),
        Harm.BreakProvider => BreakProviderAsync(strike.Duration),
        Harm.EmptyRedis => EmptyRedisAsync(),
        Harm.SetRedisBack => SetRedisBackAsync(strike.Duration),
        _ => throw new InvalidOperationException($"no way to do {strike.Harm}"),
    };

    private async Task KillAsync((string Resource, int Replica)[] victims, TimeSpan duration, Action? meanwhile = null)
    {
        var processes = await FindAsync(victims);
        await Task.WhenAll(processes.Select(process => process.KillAsync()));
        meanwhile?.Invoke();
        await WaitAsync(duration);
        await RunningProcess.StartAsync(processes);
    }

    private async Task PauseAsync((string Resource, int Replica)[] victims, TimeSpan duration)
    {
        var processes = await FindAsync(victims);
        await Task.WhenAll(processes.Select(process => process.PauseAsync()));
        await WaitAsync(duration);
        await Task.WhenAll(processes.Select(process => process.ResumeAsync()));
    }

    private async Task FillRedisAsync(TimeSpan duration)
    {
        using var redis = await stack.ConnectRedisAsync();
        var server = redis.GetServer(redis.GetEndPoints()[0]);
        await server.ConfigSetAsync("maxmemory", "1mb");
        await WaitAsync(duration);
        await server.ConfigSetAsync("maxmemory", "0");
    }

    private async Task BreakProviderAsync(TimeSpan duration)
    {
        string before = await stack.Simulator.BreakAsync(ProviderFaults);
        await WaitAsync(duration);
        await stack.Simulator.SetFaultsAsync(before);
    }

    private async Task EmptyRedisAsync()
    {
        using var redis = await stack.ConnectRedisAsync();
        var held = await redis.GetDatabase().ScriptEvaluateAsync(
            "local held = redis.call('HKEYS', KEYS[1]) redis.call('FLUSHALL') return held", [stack.Shards.All[0].Messages]);
        _onlyInRedis = ReadIds((RedisValue[])held!);
    }

    /// <summary>A file that only grows is copied while it does: the copy is what it was a moment ago, cut off anywhere.</summary>
    private async Task SetRedisBackAsync(TimeSpan duration)
    {
        string folder = Path.Combine(stack.RedisFolder, "appendonlydir");
        string copy = folder + ".older";
        Copy(folder, copy);
        await WaitAsync(duration);
        // Closed when Redis is dead: one that is held would not answer even that.
        using var redis = await stack.ConnectRedisAsync();
        _onlyInRedis = await HoldAsync(redis);
        await KillAsync([("redis", 0)], TimeSpan.Zero, () =>
        {
            Directory.Delete(folder, recursive: true);
            Directory.Move(copy, folder);
        });
    }

    /// <summary>Redis serves nobody any more, and what it has when that begins is read.</summary>
    private async Task<HashSet<Guid>> HoldAsync(ConnectionMultiplexer redis)
    {
        var last = redis.GetDatabase().CreateTransaction();
        var held = last.HashKeysAsync(stack.Shards.All[0].Messages);
        var paused = last.ExecuteAsync("CLIENT", "PAUSE", (long)HeldFor.TotalMilliseconds);
        Assert.True(await last.ExecuteAsync());
        await paused;
        return ReadIds(await held);
    }

    private static HashSet<Guid> ReadIds(RedisValue[] ids) => [.. ids.Select(id => Guid.Parse((string)id!))];

    /// <summary>Copies again where Redis began to write other files meanwhile: files that do not fit each other are no state that it ever had.</summary>
    private static void Copy(string folder, string target)
    {
        string manifest = Path.Combine(folder, "appendonly.aof.manifest");
        string before;
        do
        {
            before = File.ReadAllText(manifest);
            var made = Directory.CreateDirectory(target);
            foreach (var file in new DirectoryInfo(folder).GetFiles())
            {
                TryCopy(file, Path.Combine(made.FullName, file.Name));
            }
        }
        while (File.ReadAllText(manifest) != before);
    }

    private static void TryCopy(FileInfo file, string target)
    {
        try
        {
            file.CopyTo(target, overwrite: true);
        }
        catch (FileNotFoundException)
        {
            // Redis has just dropped it; then the manifest is another one, too.
        }
    }

    private Task<RunningProcess[]> FindAsync((string Resource, int Replica)[] victims) =>
        Task.WhenAll(victims.Select(victim => stack.FindProcessAsync(victim.Resource, victim.Replica)));

    /// <summary>The plan is one of times: nothing but the clock says when the next step is due.</summary>
    private static async Task WaitAsync(TimeSpan time)
    {
        if (time > TimeSpan.Zero)
        {
            using var timer = new PeriodicTimer(time);
            await timer.WaitForNextTickAsync();
        }
    }
}
