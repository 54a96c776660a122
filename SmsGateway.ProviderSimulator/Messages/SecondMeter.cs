namespace SmsGateway.ProviderSimulator.Messages;

/// <summary>Counts within each second of the clock, up to a limit. Not thread-safe: its owner locks.</summary>
internal sealed class SecondMeter
{
    private long _second;
    private int _count;

    /// <summary>Highest count that any one second has reached.</summary>
    public int Peak { get; private set; }

    /// <summary>Counts one unless the second has had <paramref name="limit"/> already; 0 is no limit.</summary>
    public bool TryCount(long second, int limit)
    {
        if (second != _second)
        {
            (_second, _count) = (second, 0);
        }

        if (limit > 0 && _count >= limit)
        {
            return false;
        }

        Peak = Math.Max(Peak, ++_count);
        return true;
    }

    public void Reset() => (_second, _count, Peak) = (0, 0, 0);
}

/// <summary>The provider's limit of messages a second (<see cref="Faults.FaultOptions.MaxMessagesPerSecond"/>).</summary>
internal sealed class RateGate(TimeProvider time)
{
    private readonly Lock _gate = new();
    private readonly SecondMeter _meter = new();

    public bool TryEnter(int limit)
    {
        if (limit == 0)
        {
            return true;
        }

        lock (_gate)
        {
            return _meter.TryCount(time.GetUtcNow().ToUnixTimeSeconds(), limit);
        }
    }
}
