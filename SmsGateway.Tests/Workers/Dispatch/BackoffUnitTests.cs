using SmsGateway.Workers.Dispatch;

namespace SmsGateway.Tests.Workers.Dispatch;

public sealed class BackoffUnitTests
{
    private static readonly TimeSpan First = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Cap = TimeSpan.FromSeconds(60);

    [Theory]
    [InlineData(1, 1)]
    [InlineData(2, 2)]
    [InlineData(5, 16)]
    [InlineData(7, 60)]
    [InlineData(100, 60)]
    public void After_attempts_is_spread_over_the_whole_wait(int attempts, int longestSeconds)
    {
        const int Seed = 7;
        var backoff = new Backoff(First, Cap, new Random(Seed));

        var waits = Enumerable.Range(0, 1000).Select(_ => backoff.After(attempts).TotalSeconds).ToList();

        Assert.All(waits, wait => Assert.InRange(wait, 0, longestSeconds));
        Assert.InRange(waits.Average(), longestSeconds * 0.45, longestSeconds * 0.55);
        Assert.InRange(waits.Max(), longestSeconds * 0.95, longestSeconds);
    }

    [Fact]
    public void After_same_seed_gives_the_same_waits()
    {
        var one = new Backoff(First, Cap, new Random(3));
        var other = new Backoff(First, Cap, new Random(3));

        Assert.Equal(one.After(4), other.After(4));
    }

    [Fact]
    public void AfterRest_is_never_sooner_than_the_rest()
    {
        var backoff = new Backoff(First, Cap, new Random(5));

        Assert.All(Enumerable.Range(0, 100), _ => Assert.InRange(backoff.AfterRest(Cap), Cap, Cap + First));
    }
}
