using SmsGateway.Tests.Fixtures;
using SmsGateway.Workers.Providers;

namespace SmsGateway.Tests.Workers.Providers;

public sealed class RateLimitUnitTests
{
    private readonly TestClock _time = new();

    [Theory]
    [InlineData(1, 50)]
    [InlineData(2, 0)]
    [InlineData(25, 50)]
    [InlineData(500, 50)]
    [InlineData(500, 5000)]
    [InlineData(100_000, 50)]
    public void Contract_bucket_gives_no_more_than_the_limit_within_its_window(int limit, int jitterMilliseconds)
    {
        var contract = new RateContract(limit, TimeSpan.FromMilliseconds(jitterMilliseconds));

        int most = contract.Burst + (int)Math.Floor(contract.Window.TotalMicroseconds / contract.Interval);

        Assert.InRange(most, Math.Max(1, limit - 1), limit);
    }

    [Fact]
    public async Task Tokens_not_used_end_soon()
    {
        var rate = TestLines.Rate(_time, new TokenGrant(3, TimeSpan.Zero));
        await rate.FillAsync(3);
        Assert.NotNull(await rate.TakeAsync());
        Assert.Equal(2, rate.Tokens);

        _time.Advance(RateContract.GrantLife);

        Assert.Equal(0, rate.Tokens);
    }

    [Fact]
    public async Task Take_source_has_none_is_not_asked_again_before_it_has()
    {
        var rate = TestLines.Rate(_time, new TokenGrant(0, TimeSpan.FromMilliseconds(40)));

        Assert.Null(await rate.TakeAsync());
        Assert.Equal(TimeSpan.FromMilliseconds(40), rate.Wait);
        _time.Advance(TimeSpan.FromMilliseconds(40));
        Assert.Equal(TimeSpan.Zero, rate.Wait);
    }

    [Fact]
    public async Task Leave_token_has_ended_while_the_connection_was_made_takes_another()
    {
        var rate = TestLines.Rate(_time, new TokenGrant(1, TimeSpan.Zero));
        var departure = new Departure(null, rate, await rate.TakeAsync(), _time);
        _time.Advance(RateContract.GrantLife);

        await departure.LeaveAsync(CancellationToken.None);

        Assert.True(departure.HasLeft);
        Assert.Equal(0, rate.Tokens);
    }

    [Fact]
    public async Task Leave_contract_allows_none_waits_until_it_is_told_to_stop()
    {
        using var stop = new CancellationTokenSource();
        var departure = new Departure(null, TestLines.Rate(_time, new TokenGrant(0, TimeSpan.FromHours(1))), null, _time);

        var leaving = departure.LeaveAsync(stop.Token).AsTask();
        await stop.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => leaving);
        Assert.Equal((false, true), (departure.HasLeft, departure.IsHeldBack));
    }
}
