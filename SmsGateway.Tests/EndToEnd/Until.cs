namespace SmsGateway.Tests.EndToEnd;

/// <summary>Looks again and again until what a test waits for has come.</summary>
internal static class Until
{
    private static readonly TimeSpan BetweenLooks = TimeSpan.FromMilliseconds(20);

    /// <summary>Waits until nothing is missing; fails with what is missing when the time is over.</summary>
    /// <param name="limit">How long to wait.</param>
    /// <param name="missing">Says what is missing still; empty when nothing is.</param>
    public static async Task CompleteAsync(TimeSpan limit, Func<Task<string>> missing)
    {
        long start = TimeProvider.System.GetTimestamp();
        using var timer = new PeriodicTimer(BetweenLooks);
        while (await missing() is { Length: > 0 } left)
        {
            Assert.True(TimeProvider.System.GetElapsedTime(start) < limit, $"still missing after {limit.TotalSeconds:0.#} s: {left}");
            await timer.WaitForNextTickAsync();
        }
    }
}
