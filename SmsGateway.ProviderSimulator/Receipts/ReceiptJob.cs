using System.Numerics;
using SmsGateway.ProviderSimulator.Faults;
using SmsGateway.ProviderSimulator.Messages;

namespace SmsGateway.ProviderSimulator.Receipts;

/// <summary>Which news a receipt brings.</summary>
internal enum ReceiptKind
{
    Sent,
    Final,
}

/// <summary>
/// The receipts of one message, posted one after another: the next one is due only when the one before was taken or given up, so
/// receipts come in order unless a fault reorders them. Owned by the queue while it waits and by one sender while it is posted.
/// </summary>
internal sealed class ReceiptJob
{
    // One array for each combination of faults, shared by all jobs.
    private static readonly ReceiptKind[][] Plans = [.. Enumerable.Range(0, 128).Select(faults => Plan((ReceiptFaults)faults))];

    private readonly ReceiptKind[] _plan;
    private readonly long _sentAtMs;
    private readonly long _finalAtMs;
    private int _step;

    public ReceiptJob(MessageSid sid, MessageRequest request, Fate fate, DeliveryOutcome outcome, long answeredAtMs)
    {
        Sid = sid.ToString();
        To = request.To;
        From = request.From ?? "";
        Callback = request.StatusCallback ?? throw new ArgumentException("no StatusCallback", nameof(request));
        Outcome = outcome;
        IsJson = request.WantsJson;
        // A message that was never sent has no news but that.
        var faults = outcome is DeliveryOutcome.Failed or DeliveryOutcome.Expired ? fate.Receipts | ReceiptFaults.Failed : fate.Receipts;
        _plan = Plans[(int)faults];
        _sentAtMs = answeredAtMs + (long)fate.SentAfter.TotalMilliseconds;
        _finalAtMs = faults.HasFlag(ReceiptFaults.Failed) ? _sentAtMs : answeredAtMs + (long)fate.FinalAfter.TotalMilliseconds;
    }

    public string Sid { get; }

    public string To { get; }

    public string From { get; }

    public Uri Callback { get; }

    public DeliveryOutcome Outcome { get; }

    /// <summary>Whether it is posted in JSON, and not as Twilio writes it.</summary>
    public bool IsJson { get; }

    /// <summary>Posts of the current receipt that have failed.</summary>
    public int FailedAttempts { get; set; }

    public int Remaining => _plan.Length - _step;

    public ReceiptKind Current => _plan[_step];

    public long CurrentDueMs => Current == ReceiptKind.Sent ? _sentAtMs : _finalAtMs;

    public string CurrentStatus => Current == ReceiptKind.Sent ? "sent" : Outcome.FinalStatus();

    public int? CurrentErrorCode => Current == ReceiptKind.Sent ? null : Outcome.Error()?.Code;

    /// <summary>Receipts that a fault keeps from ever being posted.</summary>
    public static int LostCount(ReceiptFaults faults) =>
        BitOperations.PopCount((uint)(faults & (ReceiptFaults.SentLost | ReceiptFaults.FinalLost)));

    public void MoveOn()
    {
        _step++;
        FailedAttempts = 0;
    }

    private static ReceiptKind[] Plan(ReceiptFaults faults)
    {
        var sent = Copies(ReceiptKind.Sent, faults, ReceiptFaults.SentLost | ReceiptFaults.Failed, ReceiptFaults.SentTwice);
        var final = Copies(ReceiptKind.Final, faults, ReceiptFaults.FinalLost, ReceiptFaults.FinalTwice);
        return faults.HasFlag(ReceiptFaults.FinalFirst) ? [.. final, .. sent] : [.. sent, .. final];
    }

    private static IEnumerable<ReceiptKind> Copies(ReceiptKind kind, ReceiptFaults faults, ReceiptFaults none, ReceiptFaults twice) =>
        Enumerable.Repeat(kind, (faults & none) != 0 ? 0 : (faults & twice) != 0 ? 2 : 1);
}
