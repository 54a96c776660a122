using System.Collections.Concurrent;
using System.Threading.Channels;

using SmsGateway.Core.Redis;

using StackExchange.Redis;

namespace SmsGateway.Workers.Dispatch;

/// <summary>
/// Writes the decisions about one shard's messages, as many at a time as there are. What Redis does not take stays here and is tried again;
/// meanwhile the shard is stuck and nothing may be claimed from it (<see cref="ClaimBatch"/>), so what is held is bounded by the slots.
/// </summary>
internal sealed class ShardWriter(ClaimBatch batch, Outage outage, TimeSpan delay, TimeProvider time)
{
    private readonly Channel<Work> _work = Channel.CreateUnbounded<Work>(new UnboundedChannelOptions { SingleReader = true });
    private readonly RecentOutcomes _recent = new(time);

    // Messages claimed and not yet written. The claim loop adds, this loop and senders remove, everyone reads. By reference: a message that was
    // given back may be claimed anew before the old entry is gone.
    private readonly ConcurrentDictionary<RedisValue, Claimed> _held = new();

    // The entries of the decisions in the batch.
    private readonly List<KeyValuePair<RedisValue, Claimed>> _decided = [];

    private volatile bool _isStuck;

    /// <summary>Messages of the shard that this worker has claimed and of which nothing is written yet.</summary>
    public int Held => _held.Count;

    /// <summary>Whether a write has failed and not yet been made good.</summary>
    public bool IsStuck => _isStuck;

    /// <summary>A message has been claimed; <see cref="Post"/> or <see cref="Leave"/> follows exactly once.</summary>
    public void Hold(RedisValue id, RedisValue payload) => _held[id] = new(payload);

    /// <summary>Takes a decision to be written. Never waits: there are at most as many as messages held.</summary>
    public void Post(RedisValue id, in Decision decision) => _work.Writer.TryWrite(new(id, decision, null));

    /// <summary>The message stays in the claim.</summary>
    public void Leave(RedisValue id) => _held.TryRemove(id, out _);

    /// <summary>
    /// Tells a Redis that lost time what is held and what was written of late. In turn with the decisions: what is decided before is not held
    /// any more.
    /// </summary>
    public Task RestoreAsync()
    {
        var restored = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        return _work.Writer.TryWrite(new(default, default, restored)) ? restored.Task : Task.CompletedTask;
    }

    /// <summary>No decision follows; the loop ends when all are written.</summary>
    public void Complete() => _work.Writer.Complete();

    /// <summary>Writes until <see cref="Complete"/>, or until it is told to give up.</summary>
    public async Task RunAsync(CancellationToken giveUp)
    {
        var reader = _work.Reader;
        try
        {
            while (await reader.WaitToReadAsync(giveUp))
            {
                await Task.Delay(delay, time, giveUp);
                while (reader.TryRead(out var work))
                {
                    if (work.Restored is null)
                    {
                        Add(work);
                        continue;
                    }

                    await WriteAsync(giveUp);
                    await UntilDoneAsync(() => batch.RestoreAsync([.. _held.Select(held => KeyValuePair.Create(held.Key, held.Value.Payload))], _recent.All), giveUp);
                    work.Restored.SetResult();
                }

                await WriteAsync(giveUp);
            }
        }
        catch (OperationCanceledException) when (giveUp.IsCancellationRequested)
        {
            // What is not written is still in the claim.
        }
    }

    private void Add(in Work work)
    {
        batch.Add(work.Id, work.Decision);
        if (_held.TryGetValue(work.Id, out var claimed))
        {
            _decided.Add(KeyValuePair.Create(work.Id, claimed));
        }
    }

    private async Task WriteAsync(CancellationToken giveUp)
    {
        await UntilDoneAsync(batch.WriteAsync, giveUp);
        _recent.Add(batch.Outcomes);
        foreach (var decided in _decided)
        {
            _held.TryRemove(decided);
        }

        _decided.Clear();
        batch.Clear();
    }

    private async Task UntilDoneAsync(Func<Task> step, CancellationToken giveUp)
    {
        while (true)
        {
            try
            {
                await step();
                break;
            }
            catch (Exception error) when (RedisFailure.Is(error))
            {
                _isStuck = true;
                await Task.Delay(outage.Failed(error), time, giveUp);
            }
        }

        outage.Ended();
        _isStuck = false;
    }

    /// <param name="Id">Whom the decision is about.</param>
    /// <param name="Decision">To be written.</param>
    /// <param name="Restored">Set: no decision, but to be told when what is held stands in Redis again.</param>
    private readonly record struct Work(RedisValue Id, Decision Decision, TaskCompletionSource? Restored);

    private sealed class Claimed(RedisValue payload)
    {
        public RedisValue Payload { get; } = payload;
    }
}
