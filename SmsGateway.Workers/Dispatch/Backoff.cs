namespace SmsGateway.Workers.Dispatch;

/// <summary>
/// How long to wait before asking again: exponential with full jitter, so that what failed together does not come back together
/// (https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/).
/// </summary>
/// <param name="first">Longest wait after the first attempt.</param>
/// <param name="cap">Longest wait after any.</param>
/// <param name="random">Seeded. It is not thread-safe: used only under its lock.</param>
internal sealed class Backoff(TimeSpan first, TimeSpan cap, Random random)
{
    // 2^30 times the shortest first wait is beyond every cap; more would only overflow.
    private const int MaxDoublings = 30;

    /// <summary>The wait after so many attempts.</summary>
    public TimeSpan After(int attempts)
    {
        int doublings = Math.Clamp(attempts - 1, 0, MaxDoublings);
        double longest = Math.Min(first.TotalMilliseconds * (1L << doublings), cap.TotalMilliseconds);
        return TimeSpan.FromMilliseconds(longest * NextPart());
    }

    /// <summary>The wait for something that rests for a known time: a little longer, and not the same for all.</summary>
    public TimeSpan AfterRest(TimeSpan rest) => rest + (first * NextPart());

    private double NextPart()
    {
        lock (random)
        {
            return random.NextDouble();
        }
    }
}
