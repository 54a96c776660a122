using Microsoft.Extensions.Options;

using SmsGateway.Core.Messages;
using SmsGateway.Tests.Fixtures;
using SmsGateway.Tests.Workers.Providers;
using SmsGateway.Workers.Claims;
using SmsGateway.Workers.Dispatch;
using SmsGateway.Workers.Providers;

namespace SmsGateway.Tests.Workers.Dispatch;

/// <summary>Hours in which the only provider does not work, on a clock of the test: each message is looked at when it is due.</summary>
public sealed class LongOutageUnitTests
{
    private const int Messages = 100;

    private static readonly TimeSpan Outage = TimeSpan.FromHours(6);
    private static readonly TimeSpan Break = TimeSpan.FromSeconds(10);

    private readonly TestClock _time = new();
    private readonly PriorityQueue<QueuedMessage, DateTimeOffset> _waiting = new();
    private readonly List<Outcome> _outcomes = [];

    [Fact]
    public async Task Send_provider_is_down_for_hours_no_message_is_lost_and_it_is_asked_rarely()
    {
        var provider = Broken(new SendResult.Unavailable("down"));

        await RunAsync(TestLines.Create(provider, _time));

        Assert.All(_outcomes, outcome => Assert.Equal(MessageState.Sent, outcome.State));
        Assert.Equal(Messages, _outcomes.Select(outcome => outcome.Id).Distinct().Count());
        Assert.InRange(provider.Asked.Count - Messages, 1, (int)(Outage / Break) + 20);
    }

    /// <summary>A provider that takes requests and never answers: what it was asked for is in doubt, so it must be little.</summary>
    [Fact]
    public async Task Send_provider_never_answers_for_hours_only_probes_are_in_doubt_and_all_end_sent_or_unknown()
    {
        var provider = Broken(new SendResult.Unknown("timeout"));

        await RunAsync(TestLines.Create(provider, _time, honoursKey: true));

        var last = _outcomes.GroupBy(outcome => outcome.Id).Select(outcomes => outcomes.Last().State).ToList();
        Assert.Equal(Messages, last.Count);
        Assert.All(last, state => Assert.Contains(state, new[] { MessageState.Sent, MessageState.Unknown }));
        Assert.InRange(provider.Asked.Count - Messages, 1, (int)(Outage / Break) + 20);
    }

    private ScriptedProvider Broken(SendResult result)
    {
        var end = _time.GetUtcNow() + Outage;
        return new ScriptedProvider().Then(() => Task.FromResult(_time.GetUtcNow() < end ? result : new SendResult.Accepted("id")));
    }

    private async Task RunAsync(ProviderLine line)
    {
        var identity = new WorkerIdentity(_time);
        var options = new DispatchOptions();
        var sender = new MessageSender(
            new Routes([line]), new Backoff(options.RetryBase, options.RetryCap, new Random(1)), identity, _time, new DispatchMetrics(UnheardMeters.Instance),
            Options.Create(options));
        for (int i = 0; i < Messages; i++)
        {
            var message = TestMessages.Create(_time.GetUtcNow()) with { ValidUntil = _time.GetUtcNow().AddDays(1) };
            _waiting.Enqueue(message, _time.GetUtcNow());
        }

        while (_waiting.TryDequeue(out var message, out var due))
        {
            _time.Advance(due > _time.GetUtcNow() ? due - _time.GetUtcNow() : TimeSpan.Zero);
            identity.Renewed(_time.GetTimestamp());
            var decision = await sender.SendAsync(message, _ => Task.FromResult(true), CancellationToken.None, CancellationToken.None);
            if (decision.Again is { } again)
            {
                _waiting.Enqueue(again, decision.Due);
            }

            if (decision.Outcome is { } outcome)
            {
                _outcomes.Add(outcome);
            }
        }
    }
}
