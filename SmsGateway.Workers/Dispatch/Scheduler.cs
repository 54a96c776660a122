using System.Globalization;

using Microsoft.Extensions.Options;

using SmsGateway.Core.Redis;

using StackExchange.Redis;

namespace SmsGateway.Workers.Dispatch;

/// <summary>
/// Moves messages whose time has come, scheduled or to be tried again, to where they are sent from. All workers do so; each message is
/// moved once.
/// </summary>
internal sealed class Scheduler(
    IConnectionMultiplexer redis,
    Shards shards,
    DispatchMetrics metrics,
    IOptions<DispatchOptions> options,
    TimeProvider time,
    ILogger<Scheduler> log)
    : BackgroundService
{
    private readonly DispatchOptions _options = options.Value;

    protected override Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var database = redis.GetDatabase();
        return Loops.RunAsync(shards.All.Select(keys => (Func<CancellationToken, Task>)(stopping => PromoteAsync(database, keys, stopping))), stoppingToken);
    }

    private async Task PromoteAsync(IDatabase database, RedisKeys keys, CancellationToken stopping)
    {
        var outage = new Outage("Promoting due messages", keys.Shard, time, log);
        RedisKey[] scriptKeys = [keys.Scheduled, keys.ExpressRotation, keys.NormalRotation];
        try
        {
            while (true)
            {
                var pause = _options.PromoteInterval;
                try
                {
                    long moved = await PromoteAsync(database, keys, scriptKeys);
                    outage.Ended();
                    metrics.Promoted(moved);
                    pause = moved < _options.PromoteBatch ? pause : TimeSpan.Zero;
                }
                catch (Exception error) when (RedisFailure.Is(error))
                {
                    pause = outage.Failed(error);
                }

                await Task.Delay(pause, time, stopping);
            }
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            // A script that was running has moved all of its messages, or none.
        }
    }

    private async Task<long> PromoteAsync(IDatabase database, RedisKeys keys, RedisKey[] scriptKeys)
    {
        RedisValue[] arguments =
        [
            time.GetUtcNow().ToUnixTimeMilliseconds().ToString(CultureInfo.InvariantCulture),
            _options.PromoteBatch,
            keys.DispatchListPrefix,
        ];
        return (long)await RedisScript.PromoteDue.RunAsync(database, scriptKeys, arguments).WaitAsync(_options.RedisTimeout, time);
    }
}
