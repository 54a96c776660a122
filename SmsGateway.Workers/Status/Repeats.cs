using SmsGateway.Core.Redis;

using StackExchange.Redis;

namespace SmsGateway.Workers.Status;

/// <summary>
/// Drops what waits to be asked again of messages whose outcome has become clear meanwhile, by a receipt or by a late answer. What a dispatcher has
/// in its hands already is asked once more, which its provider bears.
/// </summary>
internal sealed class Repeats(IConnectionMultiplexer connection, Shards shards)
{
    /// <exception cref="RedisException">Not all may be dropped; to be called again.</exception>
    public Task DropAsync(IEnumerable<(long UserId, Guid Id)> messages) => Task.WhenAll(messages
        .GroupBy(message => shards.Of(message.UserId), message => (RedisValue)message.Id.ToString())
        .Select(group => RedisScript.DropRepeats.RunAsync(connection.GetDatabase(), [group.Key.Messages], [.. group])));
}
