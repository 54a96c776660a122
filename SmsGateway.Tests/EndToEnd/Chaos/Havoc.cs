namespace SmsGateway.Tests.EndToEnd.Chaos;

/// <summary>A harm that was done.</summary>
/// <param name="Strike">What was to be done.</param>
/// <param name="Begun">When it was.</param>
/// <param name="Mended">When all processes were there again.</param>
internal sealed record StruckAt(Strike Strike, DateTimeOffset Begun, DateTimeOffset Mended);

/// <summary>Does harm to the running gateway and mends it.</summary>
internal sealed class Havoc(RunningStack stack)
{
    private const string ProviderFaults =
        """{"resetBeforeAccept":0.3,"resetAfterAccept":0.3,"halfAnswer":0.1,"unavailable":0.1,"serverError":0.1}""";

    private static readonly (string Resource, int Replica)[] All =
        [("redis", 0), ("postgres", 0), ("workers", 0), ("workers", 1), ("api-1", 0), ("api-2", 0), ("edge", 0)];

    /// <summary>Strikes by plan, one harm after the other, each mended before the next.</summary>
    public async Task<IReadOnlyList<StruckAt>> RunAsync(ChaosPlan plan)
    {
        var done = new List<StruckAt>();
        long start = TimeProvider.System.GetTimestamp();
        foreach (var strike in plan.Strikes)
        {
            await WaitAsync(strike.At - TimeProvider.System.GetElapsedTime(start));
            var begun = TimeProvider.System.GetUtcNow();
            await StrikeAsync(strike);
            done.Add(new(strike, begun, TimeProvider.System.GetUtcNow()));
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
        await redis.GetServer(redis.GetEndPoints()[0]).FlushAllDatabasesAsync();
    }

    /// <summary>A file that only grows is copied while it does: the copy is what it was a moment ago, cut off anywhere.</summary>
    private async Task SetRedisBackAsync(TimeSpan duration)
    {
        string folder = Path.Combine(stack.RedisFolder, "appendonlydir");
        string copy = folder + ".older";
        Copy(folder, copy);
        await WaitAsync(duration);
        await KillAsync([("redis", 0)], TimeSpan.Zero, () =>
        {
            Directory.Delete(folder, recursive: true);
            Directory.Move(copy, folder);
        });
    }

    private static void Copy(string folder, string target)
    {
        var made = Directory.CreateDirectory(target);
        foreach (var file in new DirectoryInfo(folder).GetFiles())
        {
            file.CopyTo(Path.Combine(made.FullName, file.Name));
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
