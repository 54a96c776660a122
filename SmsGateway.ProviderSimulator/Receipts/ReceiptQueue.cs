using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.Options;
using SmsGateway.ProviderSimulator.Control;

namespace SmsGateway.ProviderSimulator.Receipts;

/// <summary>
/// Receipts that wait for their time. It holds at most <see cref="SimulatorOptions.ReceiptQueueCapacity"/> messages, those whose
/// receipt is just being posted included; the receipts of a message that comes when it is full are dropped and counted.
/// </summary>
internal sealed class ReceiptQueue
{
    private readonly Lock _gate = new();
    private readonly PriorityQueue<ReceiptJob, long> _waiting = new();
    private readonly int _capacity;
    private readonly SimulatorStats _stats;
    private readonly TimeProvider _time;
    private readonly long _start;
    private int _held;

    public ReceiptQueue(IOptions<SimulatorOptions> options, SimulatorStats stats, TimeProvider time)
    {
        _capacity = options.Value.ReceiptQueueCapacity;
        _stats = stats;
        _time = time;
        _start = time.GetTimestamp();
    }

    /// <summary>Milliseconds on the clock that never goes back.</summary>
    public long NowMs => (long)_time.GetElapsedTime(_start).TotalMilliseconds;

    /// <summary>Messages with receipts still to post.</summary>
    public int Held => Volatile.Read(ref _held);

    public void Add(ReceiptJob job)
    {
        if (job.Remaining == 0)
        {
            return;
        }

        lock (_gate)
        {
            if (_held < _capacity)
            {
                _held++;
                _waiting.Enqueue(job, job.CurrentDueMs);
                return;
            }
        }

        _stats.CountReceipts(ReceiptResult.Dropped, job.Remaining);
    }

    /// <summary>Takes a job whose receipt is due. Whoever takes one hands it to <see cref="Return"/> or <see cref="Finish"/>.</summary>
    public bool TryTakeDue(long nowMs, [NotNullWhen(true)] out ReceiptJob? job)
    {
        lock (_gate)
        {
            if (_waiting.TryPeek(out job, out var due) && due <= nowMs)
            {
                _waiting.Dequeue();
                return true;
            }

            job = null;
            return false;
        }
    }

    /// <summary>Puts a taken job back until <paramref name="dueMs"/>. It keeps its place within the bound.</summary>
    public void Return(ReceiptJob job, long dueMs)
    {
        lock (_gate)
        {
            _waiting.Enqueue(job, dueMs);
        }
    }

    /// <summary>A taken job has no more receipts.</summary>
    public void Finish()
    {
        lock (_gate)
        {
            _held--;
        }
    }

    /// <summary>Forgets all receipts that wait.</summary>
    public void Clear()
    {
        lock (_gate)
        {
            _held -= _waiting.Count;
            _waiting.Clear();
        }
    }
}
