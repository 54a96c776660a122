using Microsoft.Extensions.Options;

using SmsGateway.Core.Redis;
using SmsGateway.Core.Settings;

namespace SmsGateway.Workers.Watchdog;

/// <summary>
/// Looks where messages wait and for how long. What has waited for too long twice in a row is stuck: an alarm, and a line in the log when it
/// begins and when it ends. It moves nothing: <c>./gateway requeue --stuck</c> does, when an operator says so.
/// </summary>
internal sealed class WatchdogService(
    RedisAges redis, DatabaseAges database, WatchdogMetrics metrics, Shards shards, IOptions<WatchdogOptions> options, TimeProvider clock,
    ILogger<WatchdogService> log)
    : PeriodicService(options.Value.Interval, clock, log)
{
    private readonly HashSet<Place> _late = [];
    private readonly HashSet<Place> _stuck = [];

    protected internal override async Task RunRoundAsync(CancellationToken cancellationToken)
    {
        var ages = new Ages(Clock.GetUtcNow());
        await database.AddAsync(ages, cancellationToken);
        foreach (var keys in shards.All)
        {
            await redis.AddAsync(keys, ages);
        }

        foreach (var place in Places.All)
        {
            Judge(place, ages[place]);
        }

        metrics.Seen(ages, [.. _stuck]);
    }

    private void Judge(Place place, TimeSpan age)
    {
        var limit = options.Value.LimitOf(place);
        if (age <= limit)
        {
            _late.Remove(place);
            if (_stuck.Remove(place))
            {
                Log.NotStuck(Logger, place.Name());
            }
        }
        else if (!_late.Add(place) && _stuck.Add(place))
        {
            Log.Stuck(Logger, place.Name(), age, limit);
        }
    }
}

internal static class WatchdogExtensions
{
    /// <summary>Adds the watch over what waits for too long.</summary>
    public static IHostApplicationBuilder AddWatchdog(this IHostApplicationBuilder builder)
    {
        builder.Services.AddValidatedOptions<WatchdogOptions, WatchdogOptionsValidator>(WatchdogOptions.Section);
        builder.Services.AddSingleton<RedisAges>();
        builder.Services.AddSingleton<DatabaseAges>();
        builder.Services.AddSingleton<WatchdogMetrics>();
        builder.Services.AddHostedService<WatchdogService>();
        builder.Services.AddSingleton<QueueMetrics>();
        builder.Services.AddHostedService<QueueMonitor>();
        return builder;
    }
}
