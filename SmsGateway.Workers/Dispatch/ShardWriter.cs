using SmsGateway.Core.Redis;
using System.Threading.Channels;

using StackExchange.Redis;

namespace SmsGateway.Workers.Dispatch;

/// <summary>
/// Writes the decisions about one shard's messages, as many at a time as there are. What Redis does not take stays here and is tried again;
/// meanwhile the shard is stuck and nothing may be claimed from it (<see cref="ClaimBatch"/>), so what is held is bounded by the slots.
/// </summary>
internal sealed class ShardWriter(ClaimBatch batch, Outage outage, TimeSpan delay, TimeProvider time)
{
    private readonly Channel<(RedisValue Id, Decision Decision)> _decisions =
        Channel.CreateUnbounded<(RedisValue, Decision)>(new UnboundedChannelOptions { SingleReader = true });

    // Messages claimed and not yet written. The claim loop adds, this loop subtracts, everyone reads.
    private int _held;

    private volatile bool _isStuck;

    /// <summary>Messages of the shard that this worker has claimed and of which nothing is written yet.</summary>
    public int Held => Volatile.Read(ref _held);

    /// <summary>Whether a write has failed and not yet been made good.</summary>
    public bool IsStuck => _isStuck;

    /// <summary>A message has been claimed; <see cref="Post"/> or <see cref="Leave"/> follows exactly once.</summary>
    public void Hold() => Interlocked.Increment(ref _held);

    /// <summary>Takes a decision to be written. Never waits: there are at most as many as messages held.</summary>
    public void Post(RedisValue id, in Decision decision) => _decisions.Writer.TryWrite((id, decision));

    /// <summary>The message stays in the claim.</summary>
    public void Leave() => Interlocked.Decrement(ref _held);

    /// <summary>No decision follows; the loop ends when all are written.</summary>
    public void Complete() => _decisions.Writer.Complete();

    /// <summary>Writes until <see cref="Complete"/>, or until it is told to give up.</summary>
    public async Task RunAsync(CancellationToken giveUp)
    {
        var reader = _decisions.Reader;
        try
        {
            while (await reader.WaitToReadAsync(giveUp))
            {
                await Task.Delay(delay, time, giveUp);
                while (reader.TryRead(out var item))
                {
                    batch.Add(item.Id, item.Decision);
                }

                await WriteAsync(giveUp);
            }
        }
        catch (OperationCanceledException) when (giveUp.IsCancellationRequested)
        {
            // What is not written is still in the claim.
        }
    }

    private async Task WriteAsync(CancellationToken giveUp)
    {
        while (true)
        {
            try
            {
                await batch.WriteAsync();
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
        Interlocked.Add(ref _held, -batch.Count);
        batch.Clear();
    }
}
