using System.Globalization;
using System.Text;

using Microsoft.Extensions.DependencyInjection;

using SmsGateway.Core.Messages;
using SmsGateway.Tests.Fixtures;
using SmsGateway.Tests.Workers.Providers;
using SmsGateway.Workers.Dispatch;

namespace SmsGateway.Tests.Workers.Dispatch;

public sealed class DispatchIntegrationTests(PrivateRedis redis) : IClassFixture<PrivateRedis>
{
    private const string Accepted = """{"sid": "SM1"}""";

    private static DateTimeOffset Now => TimeProvider.System.GetUtcNow();

    [Fact]
    public async Task Dispatch_messages_of_both_lanes_and_many_accounts_are_each_sent_once()
    {
        const int Messages = 500;
        await using var provider = ScriptedServer.Answering("201 Created", Accepted);
        await using var dispatch = await DispatchUnderTest.CreateAsync(redis, provider.Address);
        var ids = new HashSet<Guid>();
        for (int i = 0; i < Messages; i++)
        {
            var message = TestMessages.Create(Now, i % 3 == 0 ? Priority.Express : Priority.Normal, user: i % 7);
            ids.Add(message.Id);
            await dispatch.EnqueueAsync(message);
        }

        await dispatch.StartAsync();
        var outcomes = await dispatch.OutcomesAsync(Messages);

        Assert.Equal(Messages, provider.Requests.Count);
        Assert.All(outcomes, outcome => Assert.Equal((MessageState.Sent, "main", "SM1"), (outcome.State, outcome.Provider, outcome.ProviderMessageId)));
        Assert.True(ids.SetEquals(outcomes.Select(outcome => outcome.Id)));
        Assert.True(await dispatch.IsEmptyAsync());
    }

    [Fact]
    public async Task Dispatch_provider_refuses_for_a_while_messages_wait_in_Redis_and_are_sent()
    {
        int requests = 0;
        await using var provider = new ScriptedServer(exchange => Interlocked.Increment(ref requests) <= 3
            ? exchange.AnswerAsync("503 Service Unavailable", "")
            : exchange.AnswerAsync("201 Created", Accepted));
        await using var dispatch = await DispatchUnderTest.CreateAsync(redis, provider.Address);
        var message = TestMessages.Create(Now);
        await dispatch.EnqueueAsync(message);

        await dispatch.StartAsync();
        var outcome = Assert.Single(await dispatch.OutcomesAsync(1));

        Assert.Equal((message.Id, MessageState.Sent, 4), (outcome.Id, outcome.State, outcome.Attempts));
        Assert.True(await dispatch.IsEmptyAsync());
    }

    [Fact]
    public async Task Dispatch_payload_that_is_no_message_is_set_aside_and_the_others_are_sent()
    {
        await using var provider = ScriptedServer.Answering("201 Created", Accepted);
        await using var dispatch = await DispatchUnderTest.CreateAsync(redis, provider.Address);
        var poison = TestMessages.Create(Now);
        var other = TestMessages.Create(Now);
        await dispatch.EnqueueAsync(poison, Encoding.UTF8.GetBytes("{\"id\": 1"));
        await dispatch.EnqueueAsync(other, MessageJson.Write(TestMessages.Create(Now)));
        var good = TestMessages.Create(Now);
        await dispatch.EnqueueAsync(good);

        await dispatch.StartAsync();
        Assert.Equal(good.Id, Assert.Single(await dispatch.OutcomesAsync(1)).Id);
        await DispatchUnderTest.UntilAsync(async () => await dispatch.Redis.ListLengthAsync(dispatch.Keys.DeadLetters) == 2);

        var letters = (await dispatch.Redis.ListRangeAsync(dispatch.Keys.DeadLetters)).Select(value => MessageJson.ReadDeadLetter((byte[])value!)).ToList();
        Assert.Equal([poison.Id.ToString(), other.Id.ToString()], letters.Select(letter => letter.Id));
        Assert.All(letters, letter => Assert.Equal("dispatch", letter.Source));
        Assert.Equal("{\"id\": 1", Encoding.UTF8.GetString(letters[0].Payload!));
        await DispatchUnderTest.UntilAsync(dispatch.IsEmptyAsync);
    }

    [Fact]
    public async Task Claim_answer_is_lost_its_messages_are_given_back_and_sent_once()
    {
        const int Messages = 20;
        await using var provider = ScriptedServer.Answering("201 Created", Accepted);
        await using var dispatch = await DispatchUnderTest.CreateAsync(redis, provider.Address, ("Dispatch:RedisTimeout", "00:00:00.100"));
        await dispatch.StartAsync();

        // Every command waits longer than the dispatcher does, and then runs.
        await dispatch.Redis.ExecuteAsync("CLIENT", "PAUSE", "600");
        var enqueued = Enumerable.Range(0, Messages).Select(_ => TestMessages.Create(Now)).ToList();
        await Task.WhenAll(enqueued.Select(dispatch.EnqueueAsync));
        var outcomes = await dispatch.OutcomesAsync(Messages);

        await DispatchUnderTest.UntilAsync(dispatch.IsEmptyAsync);
        Assert.Equal(Messages, provider.Requests.Count);
        Assert.Equal(enqueued.Select(message => message.Id).Order(), outcomes.Select(outcome => outcome.Id).Order());
    }

    [Fact]
    public async Task Claim_lease_is_not_held_claims_nothing()
    {
        await using var provider = ScriptedServer.Answering("201 Created", Accepted);
        await using var dispatch = await DispatchUnderTest.CreateAsync(redis, provider.Address);
        var due = TestMessages.Create(Now) with { ScheduledAt = Now };
        await dispatch.Redis.HashSetAsync(dispatch.Keys.Messages, due.Id.ToString(), MessageJson.Write(due));
        await dispatch.Redis.SortedSetAddAsync(
            dispatch.Keys.Scheduled, SmsGateway.Core.Redis.RedisKeys.ScheduledMember(due), due.ScheduledAt.Value.ToUnixTimeMilliseconds());

        await dispatch.Host.StartAsync();
        await DispatchUnderTest.UntilAsync(async () => await dispatch.Redis.SortedSetLengthAsync(dispatch.Keys.Scheduled) == 0);
        Assert.Equal(1, await dispatch.Redis.HashLengthAsync(dispatch.Keys.Messages));

        dispatch.Identity.Renewed(TimeProvider.System.GetTimestamp());
        Assert.Equal(due.Id, Assert.Single(await dispatch.OutcomesAsync(1)).Id);
    }

    [Fact]
    public async Task Stop_waits_for_what_is_under_way_and_holds_nothing_afterwards()
    {
        const int Messages = 10;
        var answer = new TaskCompletionSource();
        int requests = 0;
        var allAsked = new TaskCompletionSource();
        await using var provider = new ScriptedServer(async exchange =>
        {
            if (Interlocked.Increment(ref requests) == 4)
            {
                allAsked.SetResult();
            }

            await answer.Task;
            await exchange.AnswerAsync("201 Created", Accepted);
        });
        await using var dispatch = await DispatchUnderTest.CreateAsync(redis, provider.Address, ("Providers:0:MaxConcurrency", "4"));
        for (int i = 0; i < Messages; i++)
        {
            await dispatch.EnqueueAsync(TestMessages.Create(Now));
        }

        await dispatch.StartAsync();
        await allAsked.Task.WaitAsync(DispatchUnderTest.Patience);
        var stopping = dispatch.Host.StopAsync();
        answer.SetResult();
        await stopping;

        Assert.Equal(4, (await dispatch.OutcomesAsync(4)).Count(outcome => outcome.State == MessageState.Sent));
        Assert.Equal(Messages - 4, await dispatch.Redis.HashLengthAsync(dispatch.Keys.Messages));
        Assert.Equal(0, await dispatch.Redis.HashLengthAsync(dispatch.Claim));
    }

    [Fact]
    public async Task Stop_provider_never_answers_the_outcome_is_unknown()
    {
        var asked = new TaskCompletionSource();
        await using var provider = new ScriptedServer(exchange =>
        {
            asked.SetResult();
            return exchange.HangAsync();
        });
        await using var dispatch = await DispatchUnderTest.CreateAsync(redis, provider.Address, ("Dispatch:DrainTimeout", "00:00:00.050"));
        await dispatch.EnqueueAsync(TestMessages.Create(Now));

        await dispatch.StartAsync();
        await asked.Task.WaitAsync(DispatchUnderTest.Patience);
        await dispatch.Host.StopAsync();

        Assert.Equal(MessageState.Unknown, Assert.Single(await dispatch.OutcomesAsync(1)).State);
        Assert.True(await dispatch.IsEmptyAsync());
    }

    [Fact]
    public async Task Restore_emptied_Redis_learns_what_is_in_flight_and_what_was_sent_of_late()
    {
        var answer = new TaskCompletionSource();
        int requests = 0;
        await using var provider = new ScriptedServer(async exchange =>
        {
            if (Interlocked.Increment(ref requests) == 2)
            {
                await answer.Task;
            }

            await exchange.AnswerAsync("201 Created", Accepted);
        });
        await using var dispatch = await DispatchUnderTest.CreateAsync(redis, provider.Address);
        var (sent, inFlight) = (TestMessages.Create(Now), TestMessages.Create(Now));
        await dispatch.EnqueueAsync(sent);
        await dispatch.StartAsync();
        await dispatch.OutcomesAsync(1);
        await dispatch.EnqueueAsync(inFlight);
        await DispatchUnderTest.UntilAsync(() => Task.FromResult(Volatile.Read(ref requests) == 2));

        await dispatch.Redis.ExecuteAsync("FLUSHDB");
        var shards = dispatch.Host.Services.GetRequiredService<DispatchShards>();
        await shards.RestoreAsync(dispatch.Keys).WaitAsync(DispatchUnderTest.Patience);

        Assert.Equal([inFlight.Id.ToString()], (await dispatch.Redis.HashKeysAsync(dispatch.Claim)).Select(id => (string)id!));
        Assert.Equal(sent.Id, Assert.Single(await dispatch.OutcomesAsync(1)).Id);
        Assert.True(await dispatch.Redis.SetContainsAsync(dispatch.Keys.Restored, dispatch.Identity.Id));
        answer.SetResult();
        Assert.Equal(inFlight.Id, (await dispatch.OutcomesAsync(2))[1].Id);
        await DispatchUnderTest.UntilAsync(async () => await dispatch.Redis.HashLengthAsync(dispatch.Claim) == 0);
    }

    /// <summary>Chaos, seed 3: told with every heartbeat, outcomes came faster than they were flushed, and Redis stayed closed.</summary>
    [Fact]
    public async Task Restore_is_told_once_for_each_loss()
    {
        await using var provider = new ScriptedServer(exchange => exchange.AnswerAsync("201 Created", Accepted));
        await using var dispatch = await DispatchUnderTest.CreateAsync(redis, provider.Address);
        await dispatch.EnqueueAsync(TestMessages.Create(Now));
        await dispatch.StartAsync();
        await dispatch.OutcomesAsync(1);
        var shards = dispatch.Host.Services.GetRequiredService<DispatchShards>();

        foreach (int loss in Enumerable.Range(0, 2))
        {
            await dispatch.Redis.ExecuteAsync("FLUSHDB");
            await shards.RestoreAsync(dispatch.Keys).WaitAsync(DispatchUnderTest.Patience);
            await shards.RestoreAsync(dispatch.Keys).WaitAsync(DispatchUnderTest.Patience);
            Assert.True(await dispatch.Redis.ListLengthAsync(dispatch.Keys.StatusBuffer) == 1, $"loss {loss}");
        }
    }

    [Theory]
    [InlineData(null, "sent again")]
    [InlineData("main", "sent again by main")]
    [InlineData("second", "unknown")]
    public async Task Recover_message_with_several_routes_goes_by_whom_the_claim_names(string? asking, string expected)
    {
        await using var dispatch = await DispatchUnderTest.CreateAsync(
            redis, new Uri("http://127.0.0.1:1"),
            ("Providers:0:HonoursIdempotencyKey", "true"),
            ("Providers:1:Name", "second"), ("Providers:1:Address", "http://127.0.0.1:1"), ("Providers:1:AccountSid", "AC1"),
            ("Providers:1:AuthToken", "token"), ("Providers:1:From", "+15005550006"));
        var message = TestMessages.Create(Now);
        await dispatch.Redis.HashSetAsync(
            dispatch.Keys.DispatchClaim("dead"), message.Id.ToString(), MessageJson.Write(message with { Asking = asking }));

        await dispatch.Host.Services.GetRequiredService<DeadDispatcher>().RecoverAsync(dispatch.Keys, "dead", CancellationToken.None);

        var payload = await dispatch.Redis.HashGetAsync(dispatch.Keys.Messages, message.Id.ToString());
        string found = payload.IsNull ? "unknown"
            : MessageJson.ReadMessage((byte[])payload!) is { Asking: null, OnlyProvider: { } only } ? $"sent again by {only}" : "sent again";
        Assert.Equal(expected, found);
        Assert.Equal(asking is null ? 0 : 1, await dispatch.Redis.ListLengthAsync(dispatch.Keys.StatusBuffer));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Recover_message_of_a_dead_dispatcher_is_sent_again_only_where_keys_are_honoured(bool honoursKey)
    {
        await using var dispatch = await DispatchUnderTest.CreateAsync(
            redis, new Uri("http://127.0.0.1:1"), ("Providers:0:HonoursIdempotencyKey", honoursKey.ToString(CultureInfo.InvariantCulture)));
        var message = TestMessages.Create(Now);
        var dead = dispatch.Keys.DispatchClaim("dead");
        await dispatch.Redis.HashSetAsync(dead, message.Id.ToString(), MessageJson.Write(message));
        await dispatch.Redis.HashSetAsync(dead, "rubbish", "rubbish");
        var recovery = dispatch.Host.Services.GetRequiredService<DeadDispatcher>();

        Assert.Equal(2, await recovery.RecoverAsync(dispatch.Keys, "dead", CancellationToken.None));
        Assert.Equal(0, await recovery.RecoverAsync(dispatch.Keys, "dead", CancellationToken.None));

        Assert.Equal(1, await dispatch.Redis.ListLengthAsync(dispatch.Keys.DeadLetters));
        Assert.Equal(honoursKey ? 1 : 0, await dispatch.Redis.SortedSetLengthAsync(dispatch.Keys.Scheduled));
        if (honoursKey)
        {
            var again = MessageJson.ReadMessage((byte[])(await dispatch.Redis.HashGetAsync(dispatch.Keys.Messages, message.Id.ToString()))!);
            Assert.Equal((message.Id, "main", 1), (again.Id, again.OnlyProvider, again.Attempts));
        }
        else
        {
            var outcome = Assert.Single(await dispatch.OutcomesAsync(1));
            Assert.Equal((message.Id, MessageState.Unknown, 1), (outcome.Id, outcome.State, outcome.Attempts));
        }
    }
}
