using SmsGateway.Core.Redis;

using StackExchange.Redis;

namespace SmsGateway.Tests.Core.Redis;

public sealed class RedisSessionsUnitTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(3)]
    public void Bound_lets_the_client_try_again_after_a_second_where_it_would_have_waited_for_five(long triesBefore)
    {
        var connection = ConfigurationOptions.Parse("127.0.0.1:6379");
        RedisSessions.Bound(connection);

        Assert.True(connection.ReconnectRetryPolicy.ShouldRetry(triesBefore, 1_000));
        Assert.False(connection.ReconnectRetryPolicy.ShouldRetry(triesBefore, 400));
    }
}
