using SmsGateway.Core.Redis;
using SmsGateway.Tests.Fixtures;

using StackExchange.Redis;

namespace SmsGateway.Tests.Core.Redis;

public sealed class RedisFailureIntegrationTests(PrivateRedis redis) : IClassFixture<PrivateRedis>
{
    private const int Callers = 64;
    private const int Rounds = 60;

    /// <summary>A loop that took what the client throws then for a mistake of ours ended its worker.</summary>
    [Fact]
    public async Task Is_so_of_whatever_is_thrown_while_connections_break()
    {
        var options = ConfigurationOptions.Parse(redis.Connection.Configuration);
        RedisSessions.Bound(options);
        var thrown = new List<Exception>();
        for (int round = 0; round < Rounds; round++)
        {
            using var connection = await ConnectionMultiplexer.ConnectAsync(options);
            var callers = Task.WhenAll(Enumerable.Range(0, Callers).Select(_ => Task.Run(() => CallUntilItFailsAsync(connection.GetDatabase()))));
            while (!callers.IsCompleted)
            {
                await redis.Connection.GetDatabase().ExecuteAsync("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes");
            }

            thrown.AddRange(await callers);
        }

        Assert.All(thrown, failure => Assert.True(RedisFailure.Is(failure), failure.ToString()));
    }

    private static async Task<Exception> CallUntilItFailsAsync(IDatabase database)
    {
        try
        {
            while (true)
            {
                await database.ScriptEvaluateAsync("return ARGV[1]", [], [new string('x', 2_000)]);
            }
        }
        catch (Exception failure)
        {
            return failure;
        }
    }
}
