using SmsGateway.Core.Messages;
using SmsGateway.Core.Redis;

using StackExchange.Redis;

namespace SmsGateway.Workers.Watchdog;

/// <summary>
/// Looks how long the queues are and how old. It asks Redis alone, lengths and heads of lists, so that it goes on, cheaply, while PostgreSQL is away
/// and the queues grow.
/// </summary>
internal sealed class QueueMonitor(
    IConnectionMultiplexer connection, Shards shards, QueueMetrics metrics, TimeProvider clock, ILogger<QueueMonitor> log)
    : PeriodicService(Interval, clock, log)
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(2);

    protected internal override async Task RunRoundAsync(CancellationToken cancellationToken)
    {
        var redis = connection.GetDatabase();
        var depth = Priorities.All.ToDictionary(priority => priority, _ => 0L);
        var age = Priorities.All.ToDictionary(priority => priority, _ => TimeSpan.Zero);
        var waiting = Priorities.All.ToDictionary(priority => priority, _ => 0L);
        long scheduled = 0, outcomes = 0, deadLetters = 0;
        foreach (var keys in shards.All)
        {
            foreach (var priority in Priorities.All)
            {
                depth[priority] += await redis.ListLengthAsync(keys.Queue(priority));
                waiting[priority] += await redis.ListLengthAsync(keys.Rotation(priority));
                var head = Age(await redis.ListGetByIndexAsync(keys.Queue(priority), 0));
                age[priority] = head > age[priority] ? head : age[priority];
            }

            scheduled += await redis.SortedSetLengthAsync(keys.Scheduled);
            outcomes += await redis.ListLengthAsync(keys.StatusBuffer);
            deadLetters += await redis.ListLengthAsync(keys.DeadLetters);
        }

        metrics.Look = new(depth, age, waiting, scheduled, outcomes, deadLetters);
    }

    private TimeSpan Age(RedisValue id) =>
        MessageId.TryParse((string?)id, out var known) ? Clock.GetUtcNow() - MessageId.CreatedAt(known) : TimeSpan.Zero;
}
