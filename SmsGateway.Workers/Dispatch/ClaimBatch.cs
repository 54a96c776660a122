using SmsGateway.Core.Messages;
using SmsGateway.Core.Redis;

using StackExchange.Redis;

namespace SmsGateway.Workers.Dispatch;

/// <summary>
/// Decisions about messages of one dispatcher's claim, written together. Writing a batch again after a failure is harmless as long as that
/// dispatcher claims nothing in between: a message that it claimed anew would be taken for the one that was given back.
/// </summary>
/// <param name="redis">The database.</param>
/// <param name="keys">The keys of the shard.</param>
/// <param name="worker">Whose claim it is.</param>
/// <param name="timeout">When a call counts as failed.</param>
/// <param name="time">The clock of the timeout.</param>
internal sealed class ClaimBatch(IDatabase redis, RedisKeys keys, string worker, TimeSpan timeout, TimeProvider time)
{
    private const int OutcomesAtOnce = 1_000;

    private readonly RedisKey[] _returnKeys = [keys.DispatchClaim(worker), keys.Messages, keys.Scheduled];
    private readonly RedisKey[] _finishKeys = [keys.DispatchClaim(worker), keys.StatusBuffer];
    private readonly RedisKey[] _setAsideKeys = [keys.DispatchClaim(worker), keys.DeadLetters];

    private readonly RedisKey[] _restoreKeys = [keys.DispatchClaim(worker), keys.Restored, keys.Epoch];

    private readonly List<RedisValue> _returns = [];
    private readonly List<RedisValue> _outcomes = [];
    private readonly List<RedisValue> _letters = [];

    /// <summary>Decisions in the batch.</summary>
    public int Count { get; private set; }

    /// <summary>The outcomes among the decisions.</summary>
    public IEnumerable<RedisValue> Outcomes => _outcomes.Where((_, place) => place % 2 == 1);

    public void Add(RedisValue id, in Decision decision)
    {
        Count++;
        if (decision.Again is { } message)
        {
            _returns.Add(id);
            _returns.Add(MessageJson.Write(message));
            _returns.Add(decision.Due.ToUnixTimeMilliseconds());
            _returns.Add(RedisKeys.ScheduledMember(message));
        }

        if (decision.Outcome is { } outcome)
        {
            _outcomes.Add(id);
            _outcomes.Add(MessageJson.Write(outcome));
        }

        if (decision.Letter is { } letter)
        {
            _letters.Add(id);
            _letters.Add(MessageJson.Write(letter));
        }
    }

    /// <summary>Writes everything; what was written stays in the batch until <see cref="Clear"/>.</summary>
    /// <exception cref="RedisException">Some of it may have been written.</exception>
    /// <exception cref="TimeoutException">Some of it may have been written.</exception>
    public async Task WriteAsync()
    {
        // What is both given back and reported is given back first: the report takes it out of the claim.
        await RunAsync(RedisScript.ReturnDispatch, _returnKeys, _returns);
        await RunAsync(RedisScript.CompleteDispatch, _finishKeys, _outcomes);
        await RunAsync(RedisScript.CompleteDispatch, _setAsideKeys, _letters);
    }

    /// <summary>Tells a Redis that lost time what this dispatcher holds, and the outcomes that it may have forgotten. Twice is harmless.</summary>
    /// <exception cref="RedisException">Some of it may have been written.</exception>
    /// <exception cref="TimeoutException">Some of it may have been written.</exception>
    public async Task RestoreAsync(IEnumerable<KeyValuePair<RedisValue, RedisValue>> held, IEnumerable<RedisValue> outcomes)
    {
        foreach (var part in outcomes.Chunk(OutcomesAtOnce))
        {
            await redis.ListRightPushAsync(keys.StatusBuffer, part).WaitAsync(timeout, time);
        }

        RedisValue[] arguments = [worker, .. held.SelectMany(message => new[] { message.Key, message.Value })];
        await RedisScript.RestoreDispatch.RunAsync(redis, _restoreKeys, arguments).WaitAsync(timeout, time);
    }

    public void Clear()
    {
        Count = 0;
        _returns.Clear();
        _outcomes.Clear();
        _letters.Clear();
    }

    private async Task RunAsync(RedisScript script, RedisKey[] scriptKeys, List<RedisValue> arguments)
    {
        if (arguments.Count > 0)
        {
            await script.RunAsync(redis, scriptKeys, [.. arguments]).WaitAsync(timeout, time);
        }
    }
}
