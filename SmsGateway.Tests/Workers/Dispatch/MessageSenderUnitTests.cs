using Microsoft.Extensions.Options;

using SmsGateway.Core.Messages;
using SmsGateway.Tests.Fixtures;
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

    private readonly TestClock _time = new();
    private readonly WorkerIdentity _identity;
    private readonly List<string> _marked = [];
    private bool _isInClaim = true;
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
    public async Task Send_no_route_for_the_number_fails()
    {
        var decision = await SendAsync(Message(), TestLines.Create(new ScriptedProvider(Accepted), _time, prefixes: ["+44"]));

        Assert.Equal((MessageState.Failed, MessageSender.NoRoute, 0), (decision.Outcome!.State, decision.Outcome.ErrorCode, decision.Outcome.Attempts));
    }

    [Fact]
    public async Task Send_no_provider_is_enabled_waits()
    {
        Assert.Equal(0, (await SendAsync(Message())).Again!.Attempts);
    }

    [Fact]
    public async Task Send_contract_allows_no_message_now_waits_without_an_attempt_and_without_the_reserve()
    {
        var first = new ScriptedProvider(Accepted);
        var second = new ScriptedProvider(Accepted);
        var wait = TimeSpan.FromMilliseconds(300);
        ProviderLine[] lines =
        [
            TestLines.Create(first, _time, "a", rate: TestLines.Rate(_time, new TokenGrant(0, wait))), TestLines.Create(second, _time, "b"),
        ];

        var decision = await SendAsync(Message(), lines);

        Assert.Equal((0, _time.GetUtcNow() + wait), (decision.Again!.Attempts, decision.Due));
        Assert.Empty(first.Asked);
        Assert.Empty(second.Asked);
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
        Assert.Equal(1, new Routes(lines).Room(detours: 0));
        _ = SendAsync(Message(), lines);

        var decision = await SendAsync(Message(), lines);

        Assert.Equal((0, _time.GetUtcNow()), (decision.Again!.Attempts, decision.Due));
        Assert.Empty(second.Asked);
        Assert.Equal(0, new Routes(lines).Room(detours: 0));
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

    [Fact]
    public async Task Send_several_routes_the_claim_names_each_provider_before_it_is_asked()
    {
        var decision = await SendAsync(Message(), Line("a", Down), Line("b", Accepted));

        Assert.Equal(["a", "b"], _marked);
        Assert.Null(decision.Again);
    }

    [Fact]
    public async Task Send_claim_does_not_hold_the_message_any_more_is_not_sent()
    {
        _isInClaim = false;
        var provider = new ScriptedProvider(Accepted);

        var decision = await SendAsync(Message(), TestLines.Create(provider, _time, "a"), Line("b", Accepted));

        Assert.True(decision.IsLeave);
        Assert.Empty(provider.Asked);
    }

    [Fact]
    public async Task Send_unknown_provider_can_be_asked_is_looked_up_no_sooner_than_its_request_can_be_under_way()
    {
        var provider = new ScriptedProvider(Unknown) { Known = new LookUp(LookUpState.Taken, "SM7") };
        var line = TestLines.Create(provider, _time);

        var decision = await SendAsync(Message(), line);
        Assert.Equal(("a", MessageState.Unknown), (decision.Again!.OnlyProvider, decision.Outcome!.State));
        Assert.True(decision.Due >= _time.GetUtcNow() + line.LookUpDelay && line.LookUpDelay > TimeSpan.Zero);
        var known = await SendAsync(decision.Again, line);

        Assert.Equal((MessageState.Sent, "SM7", "a"), (known.Outcome!.State, known.Outcome.ProviderMessageId, known.Outcome.Provider));
        Assert.Single(provider.Asked);
    }

    [Fact]
    public async Task Send_look_up_says_that_it_was_not_taken_is_sent_again_there()
    {
        var provider = new ScriptedProvider(Accepted) { Known = new LookUp(LookUpState.NotTaken) };

        var decision = await SendAsync(Message() with { OnlyProvider = "a" }, TestLines.Create(provider, _time));

        Assert.Equal(MessageState.Sent, decision.Outcome!.State);
        Assert.Single(provider.Asked);
    }

    [Fact]
    public async Task Send_look_up_is_unclear_is_repeated_a_bounded_number_of_times_and_stays_unknown()
    {
        var provider = new ScriptedProvider(Accepted) { Known = new LookUp(LookUpState.Unclear) };
        var line = TestLines.Create(provider, _time);
        var message = Message() with { OnlyProvider = "a" };
        for (int attempt = 1; attempt < MaxAttempts; attempt++)
        {
            message = (await SendAsync(message, line)).Again!;
            Assert.Equal((attempt, "a"), (message.Attempts, message.OnlyProvider));
        }

        Assert.Equal(MessageState.Unknown, (await SendAsync(message, line)).Outcome!.State);
        Assert.Empty(provider.Asked);
    }

    private Task<bool> MarkAsync(QueuedMessage message)
    {
        _marked.Add(message.Asking!);
        return Task.FromResult(_isInClaim);
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
            new DispatchMetrics(UnheardMeters.Instance),
            Options.Create(_options));
        return sender.SendAsync(message, MarkAsync, stopping, CancellationToken.None);
    }
}
