using System.Globalization;

using StackExchange.Redis;

namespace SmsGateway.Core.Redis;

/// <summary>Since when dispatch is paused, and why.</summary>
public sealed record DispatchPause(DateTimeOffset At, string Reason);

/// <summary>
/// The operator's switch of dispatch. While it is paused no dispatcher claims a message (claim_dispatch.lua); what is in flight ends, and accepting,
/// storing and receipts go on. It lives in Redis: one that was emptied has forgotten it.
/// </summary>
public sealed class DispatchSwitch(IConnectionMultiplexer connection, Shards shards)
{
    /// <summary>Pauses, for the reason that health shows; one that is paused keeps its time and reason.</summary>
    /// <exception cref="RedisException">It may be paused in some shards only.</exception>
    public async Task PauseAsync(string reason, DateTimeOffset now)
    {
        string pause = string.Create(CultureInfo.InvariantCulture, $"{now.UtcDateTime:O} {reason}");
        await Task.WhenAll(shards.All.Select(keys => connection.GetDatabase().StringSetAsync(keys.DispatchPaused, pause, null, When.NotExists)));
    }

    /// <exception cref="RedisException">It may go on in some shards only.</exception>
    public Task ResumeAsync() => Task.WhenAll(shards.All.Select(keys => connection.GetDatabase().KeyDeleteAsync(keys.DispatchPaused)));

    /// <summary>Null where every shard runs.</summary>
    /// <exception cref="RedisException">Redis cannot be asked.</exception>
    public async Task<DispatchPause?> ReadAsync()
    {
        var pauses = await Task.WhenAll(shards.All.Select(keys => connection.GetDatabase().StringGetAsync(keys.DispatchPaused)));
        string? pause = Array.Find(pauses, value => !value.IsNull);
        if (pause is null)
        {
            return null;
        }

        string[] words = pause.Split(' ', 2);
        return new(DateTimeOffset.Parse(words[0], CultureInfo.InvariantCulture), words[1]);
    }
}
