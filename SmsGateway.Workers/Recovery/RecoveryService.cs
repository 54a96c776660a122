using SmsGateway.Core.Redis;
using SmsGateway.Workers.Dispatch;

namespace SmsGateway.Workers.Recovery;

/// <summary>
/// The heartbeat of this worker, and what follows from it: claims of dead workers are taken over by lease, claims of this worker that no loop
/// knows of are processed, and a Redis that lost time is rebuilt.
/// </summary>
internal sealed class RecoveryService(
    Heartbeat heartbeat, TakeOver takeOver, RedisRebuild rebuild, DispatchShards dispatch, Shards shards, TimeProvider clock, ILogger<RecoveryService> log) : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var work = new Dictionary<int, Task>();
        var outages = shards.All.ToDictionary(keys => keys.Shard, keys => new Outage(nameof(Heartbeat), keys.Shard, clock, log));
        using var timer = new PeriodicTimer(Interval, clock);
        do
        {
            foreach (var keys in shards.All)
            {
                if (await BeatAsync(keys, outages[keys.Shard], stoppingToken) is { } pulse && work.GetValueOrDefault(keys.Shard, Task.CompletedTask).IsCompleted)
                {
                    // Not awaited: the heart beats on while claims are processed and a Redis is rebuilt.
                    work[keys.Shard] = FollowUpAsync(keys, pulse, stoppingToken);
                }
            }
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    private async Task<Pulse?> BeatAsync(RedisKeys keys, Outage outage, CancellationToken stoppingToken)
    {
        try
        {
            var pulse = await heartbeat.BeatAsync(keys, stoppingToken);
            outage.Ended();
            return pulse;
        }
        catch (Exception error) when (RedisFailure.Is(error))
        {
            outage.Failed(error);
            return null;
        }
    }

    private async Task FollowUpAsync(RedisKeys keys, Pulse pulse, CancellationToken stoppingToken)
    {
        try
        {
            if (pulse.LostTime is { } reason)
            {
                await dispatch.RestoreAsync(keys);
                await rebuild.RunAsync(keys, reason, stoppingToken);
            }

            await takeOver.RunAsync(keys, pulse.DeadWorkers, stoppingToken);
        }
#pragma warning disable CA1031 // Whatever one claim does to us, the others must still be recovered: the next beat begins again where this stopped.
        catch (Exception error) when (!stoppingToken.IsCancellationRequested)
#pragma warning restore CA1031
        {
            Log.RecoveryInterrupted(log, keys.Shard, error);
        }
    }
}
