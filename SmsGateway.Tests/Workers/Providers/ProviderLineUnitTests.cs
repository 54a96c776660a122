using Polly.CircuitBreaker;

using SmsGateway.Tests.Fixtures;
using SmsGateway.Workers.Providers;

namespace SmsGateway.Tests.Workers.Providers;

public sealed class ProviderLineUnitTests
{
    private static readonly SendResult Works = new SendResult.Accepted("id");
    private static readonly SendResult Fails = new SendResult.Unavailable("down");

    private readonly TestClock _time = new();

    [Fact]
    public async Task Send_too_many_failures_open_the_breaker_and_the_provider_is_left_alone()
    {
        var provider = new ScriptedProvider(Fails);
        var line = TestLines.Create(provider, _time);

        await SendAsync(line);
        await SendAsync(line);
        var third = await SendAsync(line);

        Assert.Equal((CircuitState.Open, 0, false), (line.State, line.Capacity, line.IsOpen));
        Assert.Equal((null, TimeSpan.FromSeconds(10)), (third.Result, third.Rest));
        Assert.Equal(2, provider.Asked.Count);
    }

    [Fact]
    public async Task Send_break_is_over_one_probe_closes_the_breaker()
    {
        var answer = new TaskCompletionSource<SendResult>();
        var provider = new ScriptedProvider(Fails, Fails).Then(() => answer.Task);
        var line = TestLines.Create(provider, _time);
        await SendAsync(line);
        await SendAsync(line);

        _time.Advance(TimeSpan.FromSeconds(10));
        Assert.Equal(1, line.Capacity);
        var probe = SendAsync(line);
        var beside = await SendAsync(line);
        Assert.Equal(0, line.Capacity);
        answer.SetResult(Works);

        Assert.Equal(Attempt.Made(Works, isProbe: true), await probe);
        Assert.Null(beside.Result);
        Assert.NotNull(beside.Rest);
        Assert.Equal((CircuitState.Closed, 4, true), (line.State, line.Capacity, line.IsOpen));
        Assert.Equal(3, provider.Asked.Count);
    }

    [Fact]
    public async Task Send_probe_fails_the_breaker_stays_open_for_another_break()
    {
        var line = TestLines.Create(new ScriptedProvider(Fails), _time);
        await SendAsync(line);
        await SendAsync(line);

        _time.Advance(TimeSpan.FromSeconds(10));
        var probe = await SendAsync(line);

        Assert.True(probe.IsProbe);
        Assert.Equal((CircuitState.Open, 0), (line.State, line.Capacity));
    }

    [Fact]
    public async Task Send_refusals_do_not_open_the_breaker()
    {
        var line = TestLines.Create(new ScriptedProvider(new SendResult.Refused("21211", RefusalScope.Message)), _time);

        for (int i = 0; i < 100; i++)
        {
            await SendAsync(line);
        }

        Assert.True(line.IsOpen);
    }

    [Fact]
    public async Task Send_busy_provider_is_left_alone_as_long_as_it_asked()
    {
        var provider = new ScriptedProvider(new SendResult.Busy(TimeSpan.FromSeconds(5)), Works);
        var line = TestLines.Create(provider, _time);
        await SendAsync(line);

        _time.Advance(TimeSpan.FromSeconds(4));
        Assert.Equal(TimeSpan.FromSeconds(1), (await SendAsync(line)).Rest);
        _time.Advance(TimeSpan.FromSeconds(1));

        Assert.Equal(Works, (await SendAsync(line)).Result);
        Assert.Equal(2, provider.Asked.Count);
    }

    [Fact]
    public async Task Send_as_many_as_allowed_are_under_way_it_is_full()
    {
        var answer = new TaskCompletionSource<SendResult>();
        var line = TestLines.Create(new ScriptedProvider().Then(() => answer.Task), _time, maxConcurrency: 2);

        var first = SendAsync(line);
        var second = SendAsync(line);

        Assert.Equal(Attempt.Full, await SendAsync(line));
        Assert.Equal(0, line.Capacity);
        answer.SetResult(Works);
        await Task.WhenAll(first, second);
        Assert.Equal(2, line.Capacity);
    }

    private Task<Attempt> SendAsync(ProviderLine line) => line.SendAsync(TestMessages.Create(_time.GetUtcNow()), new Departure(), CancellationToken.None);
}
