namespace SmsGateway.ProviderSimulator.Faults;

/// <summary>What becomes of a message after it was accepted, and what goes wrong with the news of it.</summary>
[Flags]
internal enum ReceiptFaults
{
    /// <summary>sent, then delivered.</summary>
    None = 0,

    /// <summary>sent, then undelivered with error 30005.</summary>
    Undelivered = 1,

    /// <summary>failed with error 30008, without having been sent.</summary>
    Failed = 2,

    /// <summary>The receipt "sent" is never posted.</summary>
    SentLost = 4,

    /// <summary>The final receipt is never posted.</summary>
    FinalLost = 8,

    /// <summary>The receipt "sent" is posted twice.</summary>
    SentTwice = 16,

    /// <summary>The final receipt is posted twice.</summary>
    FinalTwice = 32,

    /// <summary>The final receipt is posted before "sent".</summary>
    FinalFirst = 64,
}
