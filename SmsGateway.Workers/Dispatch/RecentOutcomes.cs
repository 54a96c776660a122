using StackExchange.Redis;

namespace SmsGateway.Workers.Dispatch;

/// <summary>
/// The outcomes that this worker has written within the last minute, 50,000 at most: longer than they usually wait in Redis for the database. A
/// Redis that lost time is told of them once more, for what it forgot of them would be sent again. Used by one writer.
/// </summary>
internal sealed class RecentOutcomes(TimeProvider time)
{
    private const int Most = 50_000;

    private static readonly TimeSpan Life = TimeSpan.FromMinutes(1);

    private readonly Queue<(long WrittenAt, RedisValue Outcome)> _outcomes = [];

    public IEnumerable<RedisValue> All => _outcomes.Select(item => item.Outcome);

    public void Add(IEnumerable<RedisValue> outcomes)
    {
        long now = time.GetTimestamp();
        foreach (var outcome in outcomes)
        {
            _outcomes.Enqueue((now, outcome));
        }

        while (_outcomes.TryPeek(out var oldest) && (_outcomes.Count > Most || time.GetElapsedTime(oldest.WrittenAt, now) > Life))
        {
            _outcomes.Dequeue();
        }
    }
}
