using Microsoft.Extensions.Options;

using SmsGateway.Core.Messages;
using SmsGateway.Tests.Workers.Providers;
using SmsGateway.Workers.Dispatch;
using SmsGateway.Workers.Providers;
using SmsGateway.Workers.Claims;

namespace SmsGateway.Tests.Workers.Dispatch;

public sealed class MessageSenderUnitTests
{
    private const int MaxAttempts = 3;

    private static readonly SendResult Accepted = new SendResult.Accepted("SM1");
    private static readonly SendResult Down = new SendResult.Unavailable("down");
    private static readonly SendResult Unknown = new SendResult.Unknown("timeout");

    private readonly ManualTime _time = new();
    private readonly WorkerIdentity _identity;
    private readonly DispatchOptions _options = new() { MaxAttempts = MaxAttempts, RetryBase = TimeSpan.FromSeconds(2) };

    public MessageSenderUnitTests()
    {
        _identity = new WorkerIdentity(_time);
        _identity.Renewed(_time.GetTimestamp());
    }

    [Fact]
    public async Task Send_accepted_is_sent()
    {
        var decision = await SendAsync(Message(), Line("a", Accepted));

        Assert.Null(decision.Again);
        Assert.Equal(
            (MessageState.Sent, "a", "SM1", 1),
            (decision.Outcome!.State, decision.Outcome.Provider, decision.Outcome.ProviderMessageId, decision.Outcome.Attempts));
    }

    [Fact]
    public async Task Send_refused_message_fails_without_asking_others()
    {
        var second = new ScriptedProvider(Accepted);

        var decision = await SendAsync(
            Message(), Line("a", new SendResult.Refused("21211", RefusalScope.Message)), TestLines.Create(second, _time, "b"));

        Assert.Equal((MessageState.Failed, "21211", "a"), (decision.Outcome!.State, decision.Outcome.ErrorCode, decision.Outcome.Provider));
        Assert.Empty(second.Asked);
    }

    [Fact]
    public async Task Send_refused_by_every_route_fails_with_the_last_code()
    {
        var decision = await SendAsync(
            Message(), Line("a", new SendResult.Refused("21408", RefusalScope.Route)), Line("b", new SendResult.Refused("21606", RefusalScope.Route)));

        Assert.Equal((MessageState.Failed, "21606", 2), (decision.Outcome!.State, decision.Outcome.ErrorCode, decision.Outcome.Attempts));
    }

    public static TheoryData<string> DefiniteRefusals => ["unavailable", "busy", "refused"];

    [Theory]
    [MemberData(nameof(DefiniteRefusals))]
    public async Task Send_definite_refusal_takes_the_next_route_with_the_same_id(string name)
    {
        SendResult refusal = name switch
        {
            "busy" => new SendResult.Busy(null),
            "refused" => new SendResult.Refused("21408", RefusalScope.Route),
            _ => Down,
        };
        var second = new ScriptedProvider(Accepted);
        var message = Message();

        var decision = await SendAsync(message, Line("a", refusal), TestLines.Create(second, _time, "b"));

        Assert.Equal((MessageState.Sent, "b", 2), (decision.Outcome!.State, decision.Outcome.Provider, decision.Outcome.Attempts));
        Assert.Equal(message.Id, Assert.Single(second.Asked).Id);
    }

    [Fact]
    public async Task Send_unknown_is_never_offered_to_anyone_else()
    {
        var second = new ScriptedProvider(Accepted);

        var decision = await SendAsync(Message(), Line("a", Unknown), TestLines.Create(second, _time, "b"));

        Assert.Null(decision.Again);
        Assert.Equal((MessageState.Unknown, "timeout"), (decision.Outcome!.State, decision.Outcome.ErrorCode));
        Assert.Empty(second.Asked);
    }

    [Fact]
    public async Task Send_unknown_provider_honours_keys_is_repeated_there_and_nowhere_else()
    {
        var first = new ScriptedProvider(Down);
        var second = new ScriptedProvider(Unknown, Accepted);
        ProviderLine[] lines = [TestLines.Create(first, _time, "a"), TestLines.Create(second, _time, "b", honoursKey: true)];

        var decision = await SendAsync(Message(), lines);
        Assert.Equal((MessageState.Unknown, "b", 2), (decision.Outcome!.State, decision.Again!.OnlyProvider, decision.Again.Attempts));
        var repeated = await SendAsync(decision.Again, lines);

        Assert.Equal((MessageState.Sent, "b"), (repeated.Outcome!.State, repeated.Outcome.Provider));
        Assert.Single(first.Asked);
        Assert.Equal(second.Asked[0].Id, second.Asked[1].Id);
    }

    [Fact]
    public async Task Send_unknown_at_the_last_attempt_stays_unknown()
    {
        var decision = await SendAsync(Message() with { Attempts = MaxAttempts - 1 }, Line("a", Unknown, honoursKey: true));

        Assert.Null(decision.Again);
        Assert.Equal((MessageState.Unknown, MaxAttempts), (decision.Outcome!.State, decision.Outcome.Attempts));
    }

    [Theory]
    [InlineData("gone")]
    [InlineData("b")]
    public async Task Send_the_one_provider_is_gone_or_honours_keys_no_more_stays_unknown(string only)
    {
        var provider = new ScriptedProvider(Accepted);

        var decision = await SendAsync(Message() with { OnlyProvider = only }, TestLines.Create(provider, _time, "b"));

        Assert.Equal((MessageState.Unknown, only), (decision.Outcome!.State, decision.Outcome.Provider));
        Assert.Empty(provider.Asked);
    }

    [Fact]
    public async Task Send_nobody_takes_it_now_waits_longer_with_each_attempt_and_then_fails()
    {
        var message = Message();
        for (int attempt = 1; attempt < MaxAttempts; attempt++)
        {
            var decision = await SendAsync(message, Line("a", Down));

            Assert.Null(decision.Outcome);
            Assert.Equal(attempt, decision.Again!.Attempts);
            Assert.InRange(decision.Due - _time.GetUtcNow(), TimeSpan.Zero, _options.RetryBase * Math.Pow(2, attempt - 1));
            message = decision.Again;
        }

        var last = await SendAsync(message, Line("a", Down));
        Assert.Null(last.Again);
        Assert.Equal((MessageState.Failed, MaxAttempts), (last.Outcome!.State, last.Outcome.Attempts));
    }

    [Fact]
    public async Task Send_retry_after_is_honoured()
    {
        var wait = TimeSpan.FromSeconds(30);

        var decision = await SendAsync(Message(), Line("a", new SendResult.Busy(wait)));

        Assert.InRange(decision.Due - _time.GetUtcNow(), wait, wait + _options.RetryBase);
    }

    [Fact]
    public async Task Send_every_route_rests_uses_up_no_attempt()
    {
        var line = Line("a", Down);
        await SendAsync(Message(), line);
        await SendAsync(Message(), line);

        var decision = await SendAsync(Message(), line);

        Assert.Equal(0, decision.Again!.Attempts);
        Assert.InRange(decision.Due - _time.GetUtcNow(), TimeSpan.FromSeconds(10), TimeSpan.FromSeconds(10) + _options.RetryBase);
    }

    [Fact]
    public async Task Send_as_a_probe_that_fails_uses_up_no_attempt()
    {
        var provider = new ScriptedProvider(Down);
        var line = TestLines.Create(provider, _time);
        await SendAsync(Message(), line);
        await SendAsync(Message(), line);
        _time.Advance(TimeSpan.FromSeconds(10));
        _identity.Renewed(_time.GetTimestamp());

        var decision = await SendAsync(Message() with { Attempts = MaxAttempts - 1 }, line);

        Assert.Equal(3, provider.Asked.Count);
        Assert.Equal(MaxAttempts - 1, decision.Again!.Attempts);
    }

    [Fact]
    public async Task Send_first_route_is_full_leaves_the_reserve_alone()
    {
        var never = new TaskCompletionSource<SendResult>();
        var first = TestLines.Create(new ScriptedProvider().Then(() => never.Task), _time, "a", maxConcurrency: 1);
        var second = new ScriptedProvider(Accepted);
        ProviderLine[] lines = [first, TestLines.Create(second, _time, "b")];
        Assert.Equal(1, new Routes(lines).Capacity);
        _ = SendAsync(Message(), lines);

        var decision = await SendAsync(Message(), lines);

        Assert.Equal((0, _time.GetUtcNow()), (decision.Again!.Attempts, decision.Due));
        Assert.Empty(second.Asked);
        Assert.Equal(0, new Routes(lines).Capacity);
    }

    [Theory]
    [InlineData(null, MessageState.Expired)]
    [InlineData("a", MessageState.Unknown)]
    public async Task Send_validity_is_over_is_not_sent(string? only, MessageState state)
    {
        var provider = new ScriptedProvider(Accepted);

        var decision = await SendAsync(
            Message() with { ValidUntil = _time.GetUtcNow(), OnlyProvider = only }, TestLines.Create(provider, _time, honoursKey: true));

        Assert.Equal(state, decision.Outcome!.State);
        Assert.Empty(provider.Asked);
    }

    [Fact]
    public async Task Send_retry_would_come_after_the_validity_is_looked_at_when_that_ends()
    {
        var message = Message() with { ValidUntil = _time.GetUtcNow().AddSeconds(1) };

        var decision = await SendAsync(message, Line("a", new SendResult.Busy(TimeSpan.FromSeconds(30))));

        Assert.Equal(message.ValidUntil, decision.Due);
    }

    [Fact]
    public async Task Send_lease_is_lost_leaves_the_message_unsent()
    {
        var provider = new ScriptedProvider(Accepted);
        _time.Advance(WorkerIdentity.Lease);

        var decision = await SendAsync(Message(), TestLines.Create(provider, _time));

        Assert.True(decision.IsLeave);
        Assert.Empty(provider.Asked);
    }

    [Fact]
    public async Task Send_stopping_gives_the_message_back_unsent()
    {
        var provider = new ScriptedProvider(Accepted);

        var decision = await SendAsync(Message(), new CancellationToken(canceled: true), TestLines.Create(provider, _time));

        Assert.Equal((0, _time.GetUtcNow()), (decision.Again!.Attempts, decision.Due));
        Assert.Empty(provider.Asked);
    }

    private QueuedMessage Message() => TestMessages.Create(_time.GetUtcNow());

    private ProviderLine Line(string name, SendResult result, bool honoursKey = false) =>
        TestLines.Create(new ScriptedProvider(result), _time, name, honoursKey);

    private Task<Decision> SendAsync(QueuedMessage message, params ProviderLine[] lines) =>
        SendAsync(message, CancellationToken.None, lines);

    private Task<Decision> SendAsync(QueuedMessage message, CancellationToken stopping, params ProviderLine[] lines)
    {
        const int Seed = 1;
        var sender = new MessageSender(
            new Routes(lines),
            new Backoff(_options.RetryBase, _options.RetryCap, new Random(Seed)),
            _identity,
            _time,
            new DispatchMetrics(TestLines.Meters),
            Options.Create(_options));
        return sender.SendAsync(message, stopping, CancellationToken.None);
    }
}
