namespace SmsGateway.Workers.Providers;

/// <summary>
/// How a contract of so many messages in any second becomes a bucket of tokens. A token may be used for as long as a grant lives, and its
/// request may then be under way for up to the jitter longer than another. So requests that arrive within one second bear tokens that were
/// granted within <see cref="Window"/>, and of those the bucket gives <see cref="Burst"/> + ⌊Window / <see cref="Interval"/>⌋ at most. The
/// interval is the shortest with which that is no more than the limit.
/// </summary>
/// <param name="Limit">Messages that the provider allows in any second; at least 1.</param>
/// <param name="Jitter">How much longer one request may take to arrive than another.</param>
internal readonly record struct RateContract(int Limit, TimeSpan Jitter)
{
    /// <summary>How long a token can be used after it was asked for; then it is lost, so that tokens never gather.</summary>
    public static readonly TimeSpan GrantLife = TimeSpan.FromMilliseconds(100);

    // The bucket holds this part of the limit: enough for what flows in between two claims, and little of the second is given away for it.
    private const int BurstPart = 25;

    // The interval must be above the quotient, not equal to it: a window includes both its ends.
    private const double Above = 1.000001;

    /// <summary>The time in which tokens are granted whose requests can arrive within one second.</summary>
    public TimeSpan Window => TimeSpan.FromSeconds(1) + GrantLife + Jitter;

    /// <summary>Tokens that can be granted at once after a pause.</summary>
    public int Burst => Math.Max(1, Limit / BurstPart);

    /// <summary>The time in which one token flows in, in microseconds.</summary>
    public double Interval => Window.TotalMicroseconds / (Limit - Burst + 1) * Above;
}
