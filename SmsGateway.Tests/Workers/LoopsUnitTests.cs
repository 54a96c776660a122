using SmsGateway.Workers;

namespace SmsGateway.Tests.Workers;

public sealed class LoopsUnitTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    [Fact]
    public async Task Run_one_loop_fails_ends_the_others_and_says_so()
    {
        bool isEnded = false;
        async Task ForEver(CancellationToken stopping)
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, stopping).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            isEnded = true;
        }

        async Task Fail(CancellationToken stopping)
        {
            await Task.Yield();
            throw new InvalidDataException("a mistake");
        }

        var running = Loops.RunAsync([ForEver, Fail], CancellationToken.None);

        Assert.Equal("a mistake", (await Assert.ThrowsAsync<InvalidDataException>(() => running.WaitAsync(Patience))).Message);
        Assert.True(isEnded);
    }

    [Fact]
    public async Task Run_told_to_stop_ends()
    {
        using var stop = new CancellationTokenSource();
        var running = Loops.RunAsync([stopping => Task.Delay(Timeout.InfiniteTimeSpan, stopping)], stop.Token);

        await stop.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running.WaitAsync(Patience));
    }
}
