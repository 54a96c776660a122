using Microsoft.Extensions.Logging.Abstractions;

using SmsGateway.Core.Providers;
using SmsGateway.Core.Redis;
using SmsGateway.Tests.Fixtures;
using SmsGateway.Workers.Claims;
using SmsGateway.Workers.Providers;

namespace SmsGateway.Tests.Workers.Providers;

public sealed class BreakerBoardIntegrationTests(PrivateRedis redis) : IClassFixture<PrivateRedis>
{
    private static readonly SendResult Down = new SendResult.Unavailable("down");

    private readonly BreakerBoard _board = new(redis.Connection, TimeProvider.System);

    [Fact]
    public async Task Read_tells_the_worst_of_all_workers()
    {
        await _board.PublishAsync("one", [("a", BreakerLevel.Closed), ("b", BreakerLevel.Open)]);
        await _board.PublishAsync("two", [("a", BreakerLevel.HalfOpen), ("b", BreakerLevel.Closed)]);

        Assert.Equal([("a", BreakerLevel.HalfOpen), ("b", BreakerLevel.Open)], (await _board.ReadAsync()).Select(entry => (entry.Key, entry.Value)));

        await _board.PublishAsync("one", [("a", BreakerLevel.Closed), ("b", BreakerLevel.Closed)]);
        await _board.PublishAsync("two", [("a", BreakerLevel.Closed), ("b", BreakerLevel.Closed)]);
        Assert.All((await _board.ReadAsync()).Values, level => Assert.Equal(BreakerLevel.Closed, level));
    }

    [Fact]
    public async Task Read_what_is_not_repeated_is_forgotten()
    {
        await redis.Connection.GetDatabase().SortedSetAddAsync(RedisKeys.Breakers, "open gone dead", 1);

        Assert.DoesNotContain("gone", (await _board.ReadAsync()).Keys);
        await _board.PublishAsync("one", []);
        Assert.Null(await redis.Connection.GetDatabase().SortedSetScoreAsync(RedisKeys.Breakers, "open gone dead"));
    }

    [Fact]
    public async Task Publish_breaker_opens_is_told()
    {
        var line = TestLines.Create(new ScriptedProvider(Down), TimeProvider.System, "down");
        var publisher = new BreakerPublisher(
            [line], _board, new WorkerIdentity(TimeProvider.System), TimeProvider.System, NullLogger<BreakerPublisher>.Instance);
        for (int i = 0; i < 2; i++)
        {
            await line.SendAsync(TestMessages.Create(TimeProvider.System.GetUtcNow()), new Departure(), CancellationToken.None);
        }

        await publisher.RunRoundAsync(CancellationToken.None);

        Assert.Equal(BreakerLevel.Open, (await _board.ReadAsync())["down"]);
    }
}
