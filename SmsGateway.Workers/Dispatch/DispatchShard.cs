using SmsGateway.Core.Messages;
using SmsGateway.Core.Redis;

using StackExchange.Redis;

namespace SmsGateway.Workers.Dispatch;

/// <summary>What the dispatcher keeps for one shard.</summary>
internal sealed class DispatchShard
{
    private readonly RedisKey[] _expressFirst;
    private readonly RedisKey[] _normalFirst;
    private readonly RedisKey[] _claim;
    private readonly IDatabase _redis;
    private readonly EpochGate _gate;
    private readonly DispatchOptions _options;
    private readonly TimeProvider _time;

    // A sender has left a message in the claim. Senders set it; the claim loop reads it, and clears it while there are no senders.
    private volatile bool _hasUnsent;

    // A claim script may have run whose answer never came. The claim loop's own.
    private bool _isUnclear;
    private int _claims;

    public DispatchShard(
        IDatabase redis, EpochGate gate, RedisKeys keys, string worker, DispatchOptions options, TimeProvider time, ILogger log)
    {
        _redis = redis;
        _gate = gate;
        _options = options;
        _time = time;
        Keys = keys;
        Outage = new Outage("Claiming", keys.Shard, time, log);
        Writer = new ShardWriter(
            new ClaimBatch(redis, keys, worker, options.RedisTimeout, time),
            new Outage("Writing outcomes", keys.Shard, time, log),
            options.WriteDelay,
            time);

        RedisKey claim = keys.DispatchClaim(worker);
        _claim = [claim];
        Mark = MarkAsync;
        _expressFirst = [keys.ExpressRotation, keys.NormalRotation, keys.Messages, claim, keys.Cancelled, keys.Epoch, keys.DispatchPaused];
        _normalFirst = [keys.NormalRotation, keys.ExpressRotation, keys.Messages, claim, keys.Cancelled, keys.Epoch, keys.DispatchPaused];
    }

    public RedisKeys Keys { get; }

    public ShardWriter Writer { get; }

    /// <summary>
    /// Writes into the claim whom a message is about to go to. False: it is not in the claim any more, or Redis has not said that it is; it must
    /// not go.
    /// </summary>
    public Func<QueuedMessage, Task<bool>> Mark { get; }

    /// <summary>Failures of claiming.</summary>
    public Outage Outage { get; }

    /// <summary>
    /// Whether the claim holds, or may hold, messages that nobody in this process knows of: a claim script whose answer never came, or
    /// messages left unsent when the lease ran out.
    /// </summary>
    public bool HasLeftovers => _hasUnsent || _isUnclear;

    /// <summary>Messages that the last claim left waiting, counted no further than it was told to look. The claim loop's own.</summary>
    public int Waiting { get; private set; }

    /// <summary>The message stays in the claim, unsent.</summary>
    public void Leave(RedisValue id)
    {
        _hasUnsent = true;
        Writer.Leave(id);
    }

    /// <summary>Nothing is in the claim any more; only to be called while nothing is held.</summary>
    public void LeftoversReturned() => _hasUnsent = _isUnclear = false;

    /// <summary>Claims messages.</summary>
    /// <param name="most">How many at most; 0: only looks.</param>
    /// <param name="look">How far to count what is left waiting.</param>
    /// <returns>Pairs of id and payload.</returns>
    /// <exception cref="GateClosedException">Redis may have lost time: nothing may be sent from it.</exception>
    public async Task<RedisValue[]> ClaimAsync(int most, int look)
    {
        bool normalFirst = ++_claims % _options.NormalTurn == 0;
        var (first, other) = normalFirst ? (Priority.Normal, Priority.Express) : (Priority.Express, Priority.Normal);
        RedisValue[] arguments = [Keys.DispatchListPrefix, first.Name(), other.Name(), most, _options.Quantum, look];

        // Stays set also where the gate is closed: a Redis set back to an older state may show what this worker had in its claim then.
        _isUnclear = true;
        var result = await _gate
            .RunAsync(RedisScript.ClaimDispatch, normalFirst ? _normalFirst : _expressFirst, arguments)
            .WaitAsync(_options.RedisTimeout, _time);
        _isUnclear = false;
        var answer = (RedisValue[])result!;
        Waiting = (int)answer[^1];
        return answer[..^1];
    }

    private async Task<bool> MarkAsync(QueuedMessage message)
    {
        try
        {
            var marked = await RedisScript.MarkDispatch
                .RunAsync(_redis, _claim, [message.Id.ToString(), MessageJson.Write(message)])
                .WaitAsync(_options.RedisTimeout, _time);
            return (int)marked == 1;
        }
        catch (Exception error) when (RedisFailure.Is(error))
        {
            // Claiming fails then too, and says so.
            return false;
        }
    }
}
