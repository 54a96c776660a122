using Microsoft.Extensions.Options;

using SmsGateway.Core.Messages;
using SmsGateway.Core.Providers;
using SmsGateway.Core.Redis;

using StackExchange.Redis;

namespace SmsGateway.Api.Receipts;

/// <summary>Puts receipts on the way that all outcomes take. One is acknowledged only when Redis has it: a provider repeats what was not.</summary>
internal sealed class ReceiptStore(
    IConnectionMultiplexer connection, Shards shards, IOptions<RedisOptions> redis, ReceiptMetrics metrics, TimeProvider time)
{
    /// <summary>Stores what a provider says of a message. Ids and codes that are none are left out (<see cref="ProviderText"/>).</summary>
    /// <exception cref="RedisException">It is not stored.</exception>
    public async Task StoreAsync(
        string provider, Guid message, MessageState state, string? providerMessageId, string? errorCode, CancellationToken cancellationToken)
    {
        var outcome = new Outcome
        {
            Id = message,
            State = state,
            At = time.GetUtcNow(),
            Provider = provider,
            ProviderMessageId = ProviderText.Check(providerMessageId),
            ErrorCode = ProviderText.Check(errorCode),
        };
        await connection.GetDatabase()
            .ListRightPushAsync(shards.Of(message).StatusBuffer, MessageJson.Write(outcome))
            .WaitAsync(redis.Value.Timeout, time, cancellationToken);
        metrics.Taken(provider, state);
    }
}
