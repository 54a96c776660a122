using SmsGateway.ProviderSimulator.Faults;

namespace SmsGateway.ProviderSimulator.Messages;

/// <summary>
/// What is remembered of an accepted message; never its text. A struct of plain values, so that two million of them are a few
/// arrays to the garbage collector.
/// </summary>
internal struct MessageRecord
{
    public long Number;
    public required ulong To;

    /// <summary>Sender, or sid of the messaging service; shared between records.</summary>
    public required string Sender;

    public required IdempotencyToken Token;
    public required Guid? ClientMessageId;
    public required long AcceptedUnixMs;

    /// <summary>From acceptance; holds the latency of the answer and the delay of the receipt.</summary>
    public required int SentAfterMs;

    /// <summary>From acceptance, like <see cref="SentAfterMs"/>.</summary>
    public required int FinalAfterMs;

    /// <summary>POSTs seen with this token; 1 without a token.</summary>
    public required int Posts;

    public required short Segments;
    public required DeliveryOutcome Outcome;
    public required bool FromMessagingService;

    /// <summary>Follows from the clock alone, so nobody has to update two million records.</summary>
    public readonly string StatusAt(long unixMs)
    {
        var age = unixMs - AcceptedUnixMs;
        return age < SentAfterMs ? FromMessagingService ? "accepted" : "queued"
            : Outcome is DeliveryOutcome.Failed or DeliveryOutcome.Expired ? "failed"
            : age < FinalAfterMs ? "sent"
            : Outcome.FinalStatus();
    }
}

/// <summary>How a message ends.</summary>
internal enum DeliveryOutcome : byte
{
    Delivered,
    Undelivered,
    Failed,

    /// <summary>Its validity period was shorter than the time until it would have been sent.</summary>
    Expired,
}

internal static class DeliveryOutcomes
{
    public static DeliveryOutcome Of(in Fate fate, TimeSpan? validityPeriod) =>
        validityPeriod < fate.SentAfter ? DeliveryOutcome.Expired
        : fate.Receipts.HasFlag(ReceiptFaults.Failed) ? DeliveryOutcome.Failed
        : fate.Receipts.HasFlag(ReceiptFaults.Undelivered) ? DeliveryOutcome.Undelivered
        : DeliveryOutcome.Delivered;

    public static string FinalStatus(this DeliveryOutcome outcome) => outcome switch
    {
        DeliveryOutcome.Delivered => "delivered",
        DeliveryOutcome.Undelivered => "undelivered",
        _ => "failed",
    };

    /// <summary>Twilio's error code and its text; null for a message that was delivered.</summary>
    public static (int Code, string Message)? Error(this DeliveryOutcome outcome) => outcome switch
    {
        DeliveryOutcome.Delivered => null,
        DeliveryOutcome.Undelivered => (30005, "Unknown destination handset"),
        DeliveryOutcome.Failed => (30008, "Unknown error"),
        _ => (30036, "Validity Period Expired"),
    };
}
