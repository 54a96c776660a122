using SmsGateway.Core.Messages;

using Xunit.Abstractions;

namespace SmsGateway.Tests.EndToEnd;

/// <summary>
/// Kills and pauses parts of the running gateway while customers send, and then holds the customers' record, the database and the
/// provider's record against each other.
/// </summary>
[Collection(EndToEndTestGroup.Name)]
public sealed class CrashIntegrationTests(RunningStack stack, ITestOutputHelper output) : IClassFixture<RunningStack>
{
    private const int Customers = 4;
    private const long CreditUnits = 100_000_000;

    private static readonly TimeSpan TakeOverLimit = TimeSpan.FromSeconds(30);

    /// <summary>What Redis lost is to be found out, and what it had must be taken from the database and the workers.</summary>
    private static readonly TimeSpan RebuildLimit = TimeSpan.FromSeconds(10);

    [Theory]
    [InlineData("api-1")]
    [InlineData("api-2")]
    [InlineData("workers")]
    [InlineData("edge")]
    [InlineData("redis")]
    [InlineData("postgres")]
    public async Task Kill_under_traffic_loses_and_doubles_nothing(string resource)
    {
        var fault = NewFault();
        await using var traffic = await NewTrafficAsync(fault);
        await traffic.AcceptAsync(fault.AcceptedBefore);

        var process = await stack.FindProcessAsync(resource, resource == "workers" ? fault.Replica : 0);
        var since = TimeProvider.System.GetUtcNow();
        await process.KillAsync();
        await traffic.AttemptAsync(fault.AttemptsDuring);
        since = resource is "redis" or "postgres" or "edge" ? TimeProvider.System.GetUtcNow() : since;
        await process.StartAsync();

        await traffic.AcceptAsync(fault.AcceptedAfter);
        AssertFlowsAfter(since, Records.FlowLimit, await AssertNothingIsLostOrDoubledAsync(traffic));
    }

    [Theory]
    [InlineData("api-1")]
    [InlineData("redis")]
    public async Task Kill_under_bulk_traffic_takes_each_bulk_whole_and_once(string resource)
    {
        var customer = await stack.NewCustomerAsync(CreditUnits);
        await using var traffic = new BulkTraffic(customer);
        await traffic.AcceptAsync(5);

        var process = await stack.FindProcessAsync(resource);
        await process.KillAsync();
        await process.StartAsync();

        await traffic.AcceptAsync(10);
        await traffic.StopAsync();
        await traffic.AssertWholeAndOnceAsync(stack);
        await stack.AssertAuditIsCleanAsync();
    }

    [Fact]
    public async Task Kill_of_all_but_the_provider_at_once_loses_and_doubles_nothing()
    {
        var fault = NewFault();
        await using var traffic = await NewTrafficAsync(fault);
        await traffic.AcceptAsync(fault.AcceptedBefore);

        (string Resource, int Replica)[] all =
            [("redis", 0), ("postgres", 0), ("workers", 0), ("workers", 1), ("api-1", 0), ("api-2", 0), ("edge", 0)];
        var processes = await Task.WhenAll(all.Select(one => stack.FindProcessAsync(one.Resource, one.Replica)));
        await Task.WhenAll(processes.Select(process => process.KillAsync()));
        await traffic.AttemptAsync(fault.AttemptsDuring);
        await RunningProcess.StartAsync(processes);

        await traffic.AcceptAsync(fault.AcceptedAfter);
        await AssertNothingIsLostOrDoubledAsync(traffic);
    }

    [Fact]
    public async Task Pause_of_a_worker_beyond_its_lease_loses_and_doubles_nothing()
    {
        var fault = NewFault();
        await using var traffic = await NewTrafficAsync(fault);
        await traffic.AcceptAsync(fault.AcceptedBefore);

        using var redis = await stack.ConnectRedisAsync();
        var workers = stack.Shards.All[0].Workers;
        var before = await redis.GetDatabase().SortedSetRangeByRankAsync(workers);
        var process = await stack.FindProcessAsync("workers", fault.Replica);
        await process.PauseAsync();
        try
        {
            // The other worker has taken over what it held.
            await Until.CompleteAsync(TakeOverLimit, async () =>
            {
                var alive = await redis.GetDatabase().SortedSetRangeByRankAsync(workers);
                return before.Except(alive).Any() ? "" : "the end of the paused worker's lease";
            });
            await traffic.AttemptAsync(fault.AttemptsDuring);
        }
        finally
        {
            await process.ResumeAsync();
        }

        await traffic.AcceptAsync(fault.AcceptedAfter);
        await AssertNothingIsLostOrDoubledAsync(traffic);
    }

    /// <summary>The simulator forgets everything when it dies: idempotency keys, and receipts that it has not posted.</summary>
    [Fact]
    public async Task Kill_of_the_provider_loses_nothing_and_doubles_only_what_it_had_not_answered()
    {
        var fault = NewFault();
        await using var traffic = await NewTrafficAsync(fault);
        await traffic.AcceptAsync(fault.AcceptedBefore);

        var process = await stack.FindProcessAsync("simulator");
        var before = await stack.Simulator.ReadLogAsync();
        await process.KillAsync();
        await traffic.AttemptAsync(fault.AttemptsDuring);
        var since = TimeProvider.System.GetUtcNow();
        await process.StartAsync();

        await traffic.AcceptAsync(fault.AcceptedAfter);
        await traffic.StopAsync();
        var settlement = await Settlement.OfAsync(stack, traffic, MessageState.Delivered, MessageState.Sent);
        output.WriteLine(traffic.ToString());
        AssertFlowsAfter(since, Records.FlowLimit, settlement);
        settlement.AssertStoredOnce();
        settlement.AssertEndedWell();
        await settlement.AssertMoneyIsExactAsync();

        // What it took between the reading of its log and its death is in neither log; its answers are in the database.
        var good = settlement.Stored.Where(message => message.State != MessageState.Failed).ToList();
        Assert.DoesNotContain(good, message => message.ProviderMessageId is null);
        Assert.DoesNotContain(good, message => settlement.AtProvider[message.Id].Count() > 1 || before[message.Id].Count() > 1);
        // Asked again only where no answer to the first attempt had come.
        var twice = good.Where(message => before.Contains(message.Id) && settlement.AtProvider.Contains(message.Id));
        Assert.All(twice, message => Assert.True(message.Attempts > 1, message.ToString()));
    }

    /// <summary>
    /// What was in Redis alone is lost, message and charge together; what PostgreSQL has is sent, once. Receipts that were in Redis are
    /// lost too, so a message may stay sent.
    /// </summary>
    [Fact]
    public async Task Emptying_of_redis_closes_accepting_and_loses_only_what_redis_alone_had()
    {
        var fault = NewFault();
        await using var traffic = await NewTrafficAsync(fault, AfterAnswer.GoOn);
        await traffic.AcceptAsync(fault.AcceptedBefore);

        using var redis = await stack.ConnectRedisAsync();
        var refused = traffic.RefuseAsync(1);
        var since = TimeProvider.System.GetUtcNow();
        await redis.GetServer(redis.GetEndPoints()[0]).FlushAllDatabasesAsync();
        await refused;
        var acceptedBefore = traffic.Accepted.Keys.ToHashSet();

        await traffic.AcceptAsync(fault.AcceptedAfter);
        await traffic.StopAsync();
        var settlement = await Settlement.OfAsync(stack, traffic, MessageState.Delivered, MessageState.Sent);
        var lost = traffic.Accepted.Keys.Except(settlement.Stored.Select(message => message.Id)).ToList();
        output.WriteLine($"{traffic}; lost with Redis: {lost.Count}");
        AssertFlowsAfter(since, RebuildLimit, settlement);
        Assert.Empty(lost.Except(acceptedBefore));
        settlement.AssertNothingElseIsStored();
        settlement.AssertEndedWell();
        settlement.AssertSentOnce();
        await settlement.AssertMoneyIsExactAsync();
    }

    private Fault NewFault()
    {
        var fault = Fault.New();
        output.WriteLine(fault.ToString());
        return fault;
    }

    private async Task<Traffic> NewTrafficAsync(Fault fault, AfterAnswer afterAnswer = AfterAnswer.AskAgain) =>
        new(
            await Task.WhenAll(Enumerable.Range(0, Customers).Select(_ => stack.NewCustomerAsync(CreditUnits))),
            fault.Seed,
            new(afterAnswer));

    private void AssertFlowsAfter(DateTimeOffset since, TimeSpan limit, Settlement settlement)
    {
        var flows = settlement.Records.FlowsAfter(since);
        output.WriteLine($"flows again after {flows}");
        Assert.True(flows <= limit, $"messages flow again after {flows}, not within {limit}");
    }

    private async Task<Settlement> AssertNothingIsLostOrDoubledAsync(Traffic traffic)
    {
        await traffic.StopAsync();
        var settlement = await Settlement.OfAsync(stack, traffic, MessageState.Delivered);
        output.WriteLine(traffic.ToString());
        settlement.AssertStoredOnce();
        settlement.AssertEndedWell();
        settlement.AssertSentOnce();
        await settlement.AssertMoneyIsExactAsync();
        return settlement;
    }
}
