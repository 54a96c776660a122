using System.Collections.Concurrent;
using System.Diagnostics;

using SmsGateway.Core.Messages;
using SmsGateway.Core.Redis;
using SmsGateway.Tests.Fixtures;
using SmsGateway.Tests.Workers.Providers;
using SmsGateway.Workers.Dispatch;

using StackExchange.Redis;

namespace SmsGateway.Tests.Workers.Dispatch;

/// <summary>How fast, in which order and past whom messages leave.</summary>
public sealed class FlowIntegrationTests(PrivateRedis redis) : IClassFixture<PrivateRedis>
{
    private const string Accepted = """{"sid": "SM1"}""";

    private static DateTimeOffset Now => TimeProvider.System.GetUtcNow();

    [Fact]
    public async Task Dispatch_two_workers_never_pass_the_contract_and_spend_no_attempt_on_waiting()
    {
        const int Limit = 50;
        const int Messages = 2 * Limit;
        var arrivals = new ConcurrentQueue<long>();
        await using var provider = new ScriptedServer(exchange =>
        {
            arrivals.Enqueue(Stopwatch.GetTimestamp());
            return exchange.AnswerAsync("201 Created", Accepted);
        });

        // A machine that is busy with other tests may hold up a request for long.
        (string, string)[] settings = [("Providers:0:MessagesPerSecond", $"{Limit}"), ("Providers:0:RateJitter", "00:00:02")];
        await using var one = await DispatchUnderTest.CreateAsync(redis, provider.Address, settings);
        await using var other = await DispatchUnderTest.JoinAsync(redis, provider.Address, settings);
        await one.EnqueueAllAsync(Backlog(Messages));

        await one.StartAsync();
        await other.StartAsync();
        var outcomes = await one.OutcomesAsync(Messages);

        Assert.Equal(Messages, arrivals.Count);
        Assert.All(outcomes, outcome => Assert.Equal((MessageState.Sent, 1), (outcome.State, outcome.Attempts)));
        Assert.InRange(arrivals.Max(first => arrivals.Count(tick => tick >= first && tick < first + Stopwatch.Frequency)), 1, Limit);
    }

    [Fact]
    public async Task Dispatch_one_accounts_backlog_is_overtaken_by_other_accounts_and_by_express()
    {
        const int Waiting = 20_000;
        const int MostBetween = 50;
        await using var provider = ScriptedServer.Answering("201 Created", Accepted);
        await using var dispatch = await DispatchUnderTest.CreateAsync(redis, provider.Address, ("Providers:0:MessagesPerSecond", "200"));
        await dispatch.EnqueueAllAsync(Backlog(Waiting));
        await dispatch.StartAsync();
        await DispatchUnderTest.UntilAsync(() => Task.FromResult(Sent(provider).Count > 100));

        var other = TestMessages.Create(Now, user: 7) with { Recipient = "+447700900007" };
        var express = TestMessages.Create(Now, Priority.Express) with { Recipient = "+447700900008" };
        await dispatch.EnqueueAsync(other);
        await dispatch.EnqueueAsync(express);
        int before = Sent(provider).Count;
        await DispatchUnderTest.UntilAsync(() => Task.FromResult(Sent(provider) is var sent && sent.Contains(other.Recipient) && sent.Contains(express.Recipient)));

        var order = Sent(provider);
        Assert.InRange(order.IndexOf(express.Recipient) - before, int.MinValue, MostBetween);
        Assert.InRange(order.IndexOf(other.Recipient) - before, int.MinValue, MostBetween);
        Assert.True(order.Count < Waiting);
    }

    [Fact]
    public async Task Dispatch_provider_of_a_prefix_is_down_the_messages_for_others_go_on_and_its_own_wait()
    {
        const int Blocked = 500;
        const int Free = 100;
        int asked = 0;
        await using var down = new ScriptedServer(exchange =>
        {
            Interlocked.Increment(ref asked);
            return exchange.AnswerAsync("503 Service Unavailable", "", "Retry-After: 3600\r\n");
        });
        await using var works = ScriptedServer.Answering("201 Created", Accepted);
        await using var dispatch = await DispatchUnderTest.CreateAsync(
            redis, down.Address, [("Providers:0:Prefixes:0", "+49"), .. Second(works.Address), ("Providers:1:Prefixes:0", "+44")]);
        await dispatch.EnqueueAllAsync(Backlog(Blocked));
        await dispatch.EnqueueAllAsync([.. Backlog(Free, user: 7).Select(message => message with { Recipient = "+447700900123" })]);
        var lost = TestMessages.Create(Now, user: 8) with { Recipient = "+33612345678" };
        await dispatch.EnqueueAsync(lost);

        await dispatch.StartAsync();
        var outcomes = await dispatch.OutcomesAsync(Free + 1);

        Assert.Equal(Free, outcomes.Count(outcome => outcome is { State: MessageState.Sent, Attempts: 1 }));
        Assert.Equal(
            (MessageState.Failed, MessageSender.NoRoute), outcomes.Where(outcome => outcome.Id == lost.Id).Select(outcome => (outcome.State, outcome.ErrorCode)).Single());
        Assert.InRange(asked, 1, 64);
        await DispatchUnderTest.UntilAsync(async () => await dispatch.Redis.SortedSetLengthAsync(dispatch.Keys.Scheduled) > 0);
    }

    [Fact]
    public async Task Dispatch_many_scheduled_at_once_are_each_sent_once_in_their_lane()
    {
        const int Messages = 3_000;
        await using var provider = ScriptedServer.Answering("201 Created", Accepted);
        await using var one = await DispatchUnderTest.CreateAsync(redis, provider.Address);
        await using var other = await DispatchUnderTest.JoinAsync(redis, provider.Address);
        var due = Now.AddMilliseconds(500);
        var messages = Enumerable.Range(0, Messages)
            .Select(i => TestMessages.Create(Now, i % 2 == 0 ? Priority.Express : Priority.Normal, user: i % 5) with { ScheduledAt = due })
            .ToList();
        await one.Redis.HashSetAsync(one.Keys.Messages, [.. messages.Select(message => new HashEntry(message.Id.ToString(), MessageJson.Write(message)))]);
        await one.Redis.SortedSetAddAsync(
            one.Keys.Scheduled, [.. messages.Select(message => new SortedSetEntry(RedisKeys.ScheduledMember(message), due.ToUnixTimeMilliseconds()))]);

        await one.StartAsync();
        await other.StartAsync();
        var outcomes = await one.OutcomesAsync(Messages);

        Assert.Equal(Messages, provider.Requests.Count);
        Assert.Equal(messages.Select(message => message.Id).Order(), outcomes.Select(outcome => outcome.Id).Order());
        Assert.All(outcomes, outcome => Assert.True(outcome.At >= due));
        await DispatchUnderTest.UntilAsync(one.IsEmptyAsync);
    }

    private static List<QueuedMessage> Backlog(int messages, long user = 42) =>
        [.. Enumerable.Range(0, messages).Select(_ => TestMessages.Create(Now, user: user))];

    private static (string, string)[] Second(Uri address) =>
    [
        ("Providers:1:Name", "second"), ("Providers:1:Address", address.AbsoluteUri), ("Providers:1:AccountSid", "AC1"),
        ("Providers:1:AuthToken", "token"), ("Providers:1:From", "+15005550006"),
    ];

    /// <summary>The recipients in the order in which the provider was asked.</summary>
    private static List<string> Sent(ScriptedServer provider)
    {
        lock (provider.Requests)
        {
            return [.. provider.Requests.Select(request => request.Form["To"])];
        }
    }
}
