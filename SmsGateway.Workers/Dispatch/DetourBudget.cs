namespace SmsGateway.Workers.Dispatch;

/// <summary>
/// Bounds how many messages a second are claimed and given back unasked, because the providers of their numbers can take none now. Senders
/// spend, the claim loop reads.
/// </summary>
internal sealed class DetourBudget(int perSecond, TimeProvider time)
{
    private readonly Lock _lock = new();
    private double _left = perSecond;
    private long _filledAt = time.GetTimestamp();

    /// <summary>Detours that are left now; at most those of one second.</summary>
    public int Left
    {
        get
        {
            lock (_lock)
            {
                long now = time.GetTimestamp();
                _left = Math.Min(perSecond, _left + (time.GetElapsedTime(_filledAt, now).TotalSeconds * perSecond));
                _filledAt = now;
                return Math.Max(0, (int)_left);
            }
        }
    }

    /// <summary>A message has been claimed in vain.</summary>
    public void Spend()
    {
        lock (_lock)
        {
            _left--;
        }
    }
}
