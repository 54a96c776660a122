namespace SmsGateway.Workers;

/// <summary>
/// What one loop knows of a store failing it: says so once when it begins and once when it ends, and makes the pauses between tries longer, up to
/// a bound. Used by one loop at a time.
/// </summary>
internal sealed class Outage(string step, int? shard, TimeProvider time, ILogger log)
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(2);

    private TimeSpan _pause;
    private long _pausedAt;

    /// <summary>Whether it is too early for another try.</summary>
    public bool Pauses => _pause > TimeSpan.Zero && time.GetElapsedTime(_pausedAt) < _pause;

    private string Step => shard is { } number ? $"{step} of shard {number}" : step;

    /// <summary>A try has failed.</summary>
    /// <returns>How long to wait before the next.</returns>
    public TimeSpan Failed(Exception error)
    {
        if (_pause == TimeSpan.Zero)
        {
            Log.StepFails(log, Step, error);
        }

        _pause = _pause == TimeSpan.Zero ? FirstPause : _pause * 2 < LongestPause ? _pause * 2 : LongestPause;
        _pausedAt = time.GetTimestamp();
        return _pause;
    }

    /// <summary>A try has succeeded.</summary>
    public void Ended()
    {
        if (_pause > TimeSpan.Zero)
        {
            _pause = TimeSpan.Zero;
            Log.StepWorks(log, Step);
        }
    }
}
