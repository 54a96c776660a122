using SmsGateway.Core.Redis;

using StackExchange.Redis;

namespace SmsGateway.Workers.Claims;

/// <summary>How a <see cref="ClaimLoop{TClaim}"/> runs.</summary>
/// <param name="BatchSize">Most entries in a claim.</param>
/// <param name="Parallelism">Claims under way at once for each shard.</param>
/// <param name="Linger">Pause after a claim that was not full.</param>
internal sealed record ClaimLoopSettings(int BatchSize, int Parallelism, TimeSpan Linger);

/// <summary>What recovery needs to know of a loop.</summary>
internal interface IClaimLoop
{
    /// <summary>Hash, claim id → worker that holds it.</summary>
    RedisKey Registry(RedisKeys keys);

    /// <summary>Processes a claim that was left over: by a dead worker, or by a call of this one whose answer was lost.</summary>
    Task RecoverAsync(RedisKeys keys, Guid id, CancellationToken stoppingToken);
}

/// <summary>
/// Empties a buffer without end. A claim that fails is tried again until it is done or this worker stops; it is safe in Redis meanwhile. A worker
/// that is told to stop finishes the claim under way: left behind, its messages would wait for the end of the lease.
/// </summary>
internal sealed class ClaimLoop<TClaim>(
    IClaimSource<TClaim> source, ClaimLoopSettings settings, Shards shards, WorkerIdentity worker, ActiveClaims active, TimeProvider clock,
    ILogger<ClaimLoop<TClaim>> log) : BackgroundService, IClaimLoop
    where TClaim : class, IClaim
{
    /// <summary>How long a stopping worker goes on with a claim under way.</summary>
    private static readonly TimeSpan StopPatience = TimeSpan.FromSeconds(5);

    public RedisKey Registry(RedisKeys keys) => source.Registry(keys);

    public async Task RecoverAsync(RedisKeys keys, Guid id, CancellationToken stoppingToken)
    {
        var outage = NewOutage(keys);
        using var registration = active.Begin(id);
        if (await source.ReadClaimAsync(keys, id) is { } claim)
        {
            await ProcessUntilDoneAsync(keys, claim, outage, stoppingToken);
        }
    }

    protected override Task ExecuteAsync(CancellationToken stoppingToken) => Loops.RunAsync(
        shards.All.SelectMany(keys => Enumerable.Repeat<Func<CancellationToken, Task>>(stopping => RunAsync(keys, stopping), settings.Parallelism)),
        stoppingToken);

    private Outage NewOutage(RedisKeys keys) => new(source.GetType().Name, keys.Shard, clock, log);

    private async Task RunAsync(RedisKeys keys, CancellationToken stoppingToken)
    {
        var outage = NewOutage(keys);
        while (!stoppingToken.IsCancellationRequested)
        {
            int claimed = worker.HoldsLease && !outage.Pauses ? await ClaimAndProcessAsync(keys, outage, stoppingToken) : 0;
            if (claimed < settings.BatchSize)
            {
                await Task.Delay(settings.Linger, clock, stoppingToken);
            }
        }
    }

    private async Task<int> ClaimAndProcessAsync(RedisKeys keys, Outage outage, CancellationToken stoppingToken)
    {
        var id = Guid.CreateVersion7(clock.GetUtcNow());
        using var registration = active.Begin(id);
        try
        {
            var claim = await source.ClaimAsync(keys, id, settings.BatchSize);
            outage.Ended();
            return claim is null ? 0 : await ProcessUntilDoneAsync(keys, claim, outage, stoppingToken);
        }
#pragma warning disable CA1031 // As below: also a payload that cannot even be read must not end the loop.
        catch (Exception error) when (!stoppingToken.IsCancellationRequested)
#pragma warning restore CA1031
        {
            // The claim may have been made all the same; then recovery finds it.
            outage.Failed(error);
            return 0;
        }
    }

    private async Task<int> ProcessUntilDoneAsync(RedisKeys keys, TClaim claim, Outage outage, CancellationToken stoppingToken)
    {
        using var giveUp = new CancellationTokenSource(Timeout.InfiniteTimeSpan, clock);
        await using var stopping = stoppingToken.Register(() => giveUp.CancelAfter(StopPatience));
        while (true)
        {
            try
            {
                await source.ProcessAsync(keys, claim, giveUp.Token);
                outage.Ended();
                return claim.Count;
            }
#pragma warning disable CA1031 // A mistake of ours must stop neither the other loops nor this one: the claim is safe in Redis, and the log says what is wrong.
            catch (Exception error)
#pragma warning restore CA1031
            {
                await Task.Delay(outage.Failed(error), clock, stoppingToken);
            }
        }
    }
}
