using System.Collections.Concurrent;
using System.Diagnostics;

using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

using SmsGateway.Core.Redis;
using SmsGateway.Tests.Fixtures;
using SmsGateway.Tests.Workers.Dispatch;
using SmsGateway.Workers.Dispatch;
using SmsGateway.Workers.Providers;

using StackExchange.Redis;

namespace SmsGateway.Tests.Workers.Providers;

public sealed class RedisTokensIntegrationTests(PrivateRedis redis) : IClassFixture<PrivateRedis>
{
    // More than any machine takes from the grant to noticing it.
    private static readonly RateContract Contract = new(200, TimeSpan.FromSeconds(2));

    [Fact]
    public async Task Take_many_workers_at_once_get_no_more_than_the_limit_in_any_second()
    {
        const int Workers = 8;
        var tokens = NewSource(redis.Connection);
        var grants = new ConcurrentQueue<(long Tick, int Tokens)>();
        long start = Stopwatch.GetTimestamp();

        await Task.WhenAll(Enumerable.Range(0, Workers).Select(async _ =>
        {
            while (grants.Sum(grant => grant.Tokens) < 2 * Contract.Limit)
            {
                var grant = await tokens.TakeAsync("crowd", Contract, 5);
                grants.Enqueue((Stopwatch.GetTimestamp(), grant.Tokens));
                await Task.Delay(1);
            }
        }));

        Assert.InRange(Stopwatch.GetElapsedTime(start), TimeSpan.FromSeconds(2), TimeSpan.FromMinutes(1));
        Assert.InRange(MostInASecond(grants), 1, Contract.Limit);
    }

    [Fact]
    public async Task Take_bucket_is_lost_gives_nothing_for_a_window()
    {
        var tokens = NewSource(redis.Connection);
        var first = await tokens.TakeAsync("lost", Contract, 1);
        Assert.Equal(0, first.Tokens);
        Assert.InRange(first.Wait, Contract.Window, Contract.Window * 2);
        await DispatchUnderTest.UntilAsync(async () => (await tokens.TakeAsync("lost", Contract, 1)).Tokens == 1);

        await redis.Connection.GetDatabase().KeyDeleteAsync(RedisKeys.ProviderRate("lost"));

        var after = await tokens.TakeAsync("lost", Contract, 1);
        Assert.Equal(0, after.Tokens);
        Assert.InRange(after.Wait, Contract.Window, Contract.Window * 2);
    }

    [Fact]
    public async Task Take_Redis_does_not_know_the_script_any_more_gives_nothing_for_a_window()
    {
        var tokens = NewSource(redis.Connection);
        await DispatchUnderTest.UntilAsync(async () => (await tokens.TakeAsync("replica", Contract, 1)).Tokens == 1);

        await redis.Connection.GetDatabase().ExecuteAsync("SCRIPT", "FLUSH");

        Assert.Equal(0, (await tokens.TakeAsync("replica", Contract, 1)).Tokens);
        Assert.InRange((await tokens.TakeAsync("replica", Contract, 1)).Wait, Contract.Window - TimeSpan.FromSeconds(1), Contract.Window * 2);
    }

    [Fact]
    public async Task Take_bucket_of_a_clock_that_was_far_ahead_does_not_block_for_long()
    {
        await redis.Connection.GetDatabase().StringSetAsync(RedisKeys.ProviderRate("ahead"), "9000000000000000");

        var grant = await NewSource(redis.Connection).TakeAsync("ahead", Contract, 1);

        Assert.Equal(0, grant.Tokens);
        Assert.InRange(grant.Wait, Contract.Window, Contract.Window * 2);
    }

    [Fact]
    public async Task Take_Redis_cannot_be_asked_gives_nothing()
    {
        using var nowhere = await ConnectionMultiplexer.ConnectAsync("127.0.0.1:1,abortConnect=false,connectTimeout=100,connectRetry=0");

        Assert.Equal(0, (await NewSource(nowhere).TakeAsync("main", Contract, 10)).Tokens);
    }

    private static int MostInASecond(IReadOnlyCollection<(long Tick, int Tokens)> grants) => grants
        .Max(first => grants.Where(other => other.Tick >= first.Tick && other.Tick < first.Tick + Stopwatch.Frequency).Sum(other => other.Tokens));

    private static RedisTokens NewSource(IConnectionMultiplexer connection) =>
        new(connection, Options.Create(new DispatchOptions()), TimeProvider.System, NullLogger<RedisTokens>.Instance);
}
