using SmsGateway.Core.Messages;
using SmsGateway.Core.Redis;

using StackExchange.Redis;

namespace SmsGateway.Workers.Recovery;

/// <summary>This rebuild has been overtaken: another worker has begun or ended one.</summary>
internal sealed class RebuildOvertakenException(int shard) : Exception($"another worker rebuilds Redis shard {shard}, or has done so");

/// <summary>
/// What one rebuild changes in Redis. Each step first looks whether the rebuild is still the one that Redis knows (rebuild_step.lua).
/// </summary>
/// <exception cref="RebuildOvertakenException">By every step: it is not.</exception>
internal sealed class RebuildSteps(IConnectionMultiplexer connection, RedisKeys keys)
{
    private readonly RedisValue _token = Guid.CreateVersion7().ToString();

    /// <summary>Makes this the rebuild that Redis knows.</summary>
    public Task BeginAsync() => connection.GetDatabase().StringSetAsync(keys.Rebuild, _token);

    public Task ForgetAsync(IEnumerable<RedisKey> forgotten) => RunAsync(forgotten, ["forget"]);

    /// <summary>Lets messages be sent once their time has come.</summary>
    public Task QueueAsync(IEnumerable<QueuedMessage> messages) => RunAsync(
        [keys.Messages, keys.Scheduled],
        [
            "queue",
            .. messages.SelectMany(message => new RedisValue[]
            {
                message.Id.ToString(), MessageJson.Write(message), (message.ScheduledAt ?? message.CreatedAt).ToUnixTimeMilliseconds(),
                RedisKeys.ScheduledMember(message),
            }),
        ]);

    /// <summary>Lets requests be recognised when they are repeated.</summary>
    public Task RememberAsync(IReadOnlyList<AnsweredRequest> requests) => RunAsync(
        requests.Select(request => keys.Idempotency(request.UserId, request.RequestId)),
        ["remember", .. requests.SelectMany(request => new RedisValue[] { request.Record, (long)Math.Ceiling(request.Life.TotalSeconds) })]);

    public Task OpenAsync(string epoch, long counter) => RunAsync([keys.Restored], ["open", epoch, counter]);

    private async Task RunAsync(IEnumerable<RedisKey> stepKeys, RedisValue[] step)
    {
        var result = await RedisScript.RebuildStep.RunAsync(connection.GetDatabase(), [keys.Rebuild, keys.Epoch, .. stepKeys], [_token, .. step]);
        if ((int)result != 1)
        {
            throw new RebuildOvertakenException(keys.Shard);
        }
    }
}
