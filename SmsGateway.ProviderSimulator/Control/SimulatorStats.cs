using System.Diagnostics.Metrics;
using SmsGateway.ProviderSimulator.Faults;

namespace SmsGateway.ProviderSimulator.Control;

/// <summary>What became of a receipt.</summary>
internal enum ReceiptResult
{
    /// <summary>The receiver answered 2xx.</summary>
    Sent,

    /// <summary>Given up: 4xx, or no good answer to the last attempt.</summary>
    Failed,

    /// <summary>The queue was full.</summary>
    Dropped,

    /// <summary>A fault keeps it from being posted.</summary>
    Lost,

    /// <summary>A post that is tried again; the receipt also ends in one of the other counts.</summary>
    Retried,
}

/// <summary>What became of a POST Messages.json.</summary>
internal enum PostResult
{
    /// <summary>A message was created.</summary>
    Accepted,

    /// <summary>No message: the request was wrong, above the limit, or met a fault that refuses.</summary>
    Refused,

    /// <summary>The idempotency token was known and honoured: the first message was the answer.</summary>
    Repeated,
}

/// <summary>Counters since start or the last reset, for <c>GET /control/stats</c> and as metrics. Written by everyone, lock-free.</summary>
internal sealed class SimulatorStats
{
    public const string MeterName = "SmsGateway.ProviderSimulator";

    private readonly long[] _posts = new long[Enum.GetValues<PostResult>().Length];
    private readonly long[] _receipts = new long[Enum.GetValues<ReceiptResult>().Length];
    private readonly long[] _faults = new long[Enum.GetValues<AnswerFault>().Length];
    private long _received;
    private long _tokenRepeats;
    private readonly Counter<long> _postCounter;
    private readonly Counter<long> _receiptCounter;

    public SimulatorStats(IMeterFactory meters)
    {
        var meter = meters.Create(MeterName);
        _postCounter = meter.CreateCounter<long>("sms.simulator.posts", "{request}", "POSTs of messages by what became of them");
        _receiptCounter = meter.CreateCounter<long>("sms.simulator.receipts", "{receipt}", "Delivery receipts by what became of them");
    }

    public long Received => Volatile.Read(ref _received);

    /// <summary>POSTs whose idempotency token had been seen before, honoured or not.</summary>
    public long TokenRepeats => Volatile.Read(ref _tokenRepeats);

    public long this[PostResult result] => Volatile.Read(ref _posts[(int)result]);

    public long this[ReceiptResult result] => Volatile.Read(ref _receipts[(int)result]);

    public long this[AnswerFault fault] => Volatile.Read(ref _faults[(int)fault]);

    public void CountReceived() => Interlocked.Increment(ref _received);

    public void CountTokenRepeat() => Interlocked.Increment(ref _tokenRepeats);

    public void CountFault(AnswerFault fault) => Interlocked.Increment(ref _faults[(int)fault]);

    public void CountPost(PostResult result)
    {
        Interlocked.Increment(ref _posts[(int)result]);
        _postCounter.Add(1, new KeyValuePair<string, object?>("result", Names<PostResult>.Of[(int)result]));
    }

    public void CountReceipts(ReceiptResult result, int count = 1)
    {
        Interlocked.Add(ref _receipts[(int)result], count);
        _receiptCounter.Add(count, new KeyValuePair<string, object?>("result", Names<ReceiptResult>.Of[(int)result]));
    }

    /// <summary>Back to zero; the metrics, which must only grow, go on.</summary>
    public void Reset()
    {
        Array.Clear(_posts);
        Array.Clear(_receipts);
        Array.Clear(_faults);
        Volatile.Write(ref _received, 0);
        Volatile.Write(ref _tokenRepeats, 0);
    }

    private static class Names<T>
        where T : struct, Enum
    {
        public static readonly string[] Of = [.. Enum.GetNames<T>().Select(name => name.ToLowerInvariant())];
    }
}
