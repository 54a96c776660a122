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
    public async Task ShownState_without_messages_is_open_until_the_break_is_over_and_then_half_open()
    {
        var line = TestLines.Create(new ScriptedProvider(Fails), _time);
        await SendAsync(line);
        await SendAsync(line);
        Assert.Equal(CircuitState.Open, line.ShownState);

        _time.Advance(TimeSpan.FromSeconds(10));

        Assert.Equal((CircuitState.Open, CircuitState.HalfOpen), (line.State, line.ShownState));
    }

    [Fact]
    public async Task Send_probe_fails_the_next_follows_soon_and_then_ever_later_until_as_late_as_the_first()
    {
        var line = TestLines.Create(new ScriptedProvider(Fails), _time);
        await SendAsync(line);
        await SendAsync(line);

        var rests = new List<double>();
        for (int probe = 0; probe < 7; probe++)
        {
            rests.Add(line.Rest.TotalSeconds);
            _time.Advance(line.Rest);
            Assert.True((await SendAsync(line)).IsProbe);
            Assert.Equal((CircuitState.Open, 0), (line.State, line.Capacity));
        }

        Assert.Equal([10, 1, 2, 4, 8, 10, 10], rests);
    }

    [Fact]
    public async Task Send_breaker_opens_anew_after_it_was_closed_waits_for_a_whole_break()
    {
        var line = TestLines.Create(new ScriptedProvider(Fails, Fails, Fails, Works, Fails), _time);
        await SendAsync(line);
        await SendAsync(line);
        for (int probe = 0; probe < 2; probe++)
        {
            _time.Advance(line.Rest);
            await SendAsync(line);
        }

        Assert.True(line.IsOpen);
        await SendAsync(line);
        await SendAsync(line);

        Assert.Equal((CircuitState.Open, TimeSpan.FromSeconds(10)), (line.State, line.Rest));
    }

    [Fact]
    public async Task Send_probe_that_did_not_leave_does_not_close_the_breaker()
    {
        var line = TestLines.Create(new ScriptedProvider(Fails, Fails, new SendResult.HeldBack()), _time);
        await SendAsync(line);
        await SendAsync(line);

        _time.Advance(TimeSpan.FromSeconds(10));
        var probe = await SendAsync(line);

        Assert.Null(probe.Result);
        Assert.Equal((CircuitState.Open, TimeSpan.FromSeconds(1)), (line.State, line.Rest));
    }

    /// <summary>A message that the provider never answers must not close the way to all others, however often it is repeated.</summary>
    [Fact]
    public async Task Send_repeats_of_what_is_in_doubt_do_not_open_the_breaker()
    {
        var provider = new ScriptedProvider(new SendResult.Unknown("timeout"));
        var line = TestLines.Create(provider, _time, honoursKey: true);

        for (int i = 0; i < 100; i++)
        {
            await SendAsync(line, onlyProvider: line.Name);
        }

        Assert.True(line.IsOpen);
        Assert.Equal(100, provider.Asked.Count);
    }

    [Fact]
    public async Task Send_repeat_as_a_probe_that_works_closes_the_breaker()
    {
        var line = TestLines.Create(new ScriptedProvider(Fails, Fails, Works), _time, honoursKey: true);
        await SendAsync(line);
        await SendAsync(line);

        _time.Advance(TimeSpan.FromSeconds(10));
        await SendAsync(line, onlyProvider: line.Name);

        Assert.True(line.IsOpen);
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

    private Task<Attempt> SendAsync(ProviderLine line, string? onlyProvider = null) => line.SendAsync(
        TestMessages.Create(_time.GetUtcNow()) with { OnlyProvider = onlyProvider }, new Departure(), CancellationToken.None);
}
