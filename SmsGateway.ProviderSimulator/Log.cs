namespace SmsGateway.ProviderSimulator;

/// <summary>Every log line of the simulator; event ids are stable.</summary>
internal static partial class Log
{
    [LoggerMessage(6001, LogLevel.Debug, "Receipt {Status} of {Sid} got no answer: {Reason}")]
    public static partial void ReceiptUnanswered(ILogger logger, string sid, string status, string reason);

    [LoggerMessage(6002, LogLevel.Information, "Faults changed; draws start anew from seed {Seed}")]
    public static partial void FaultsChanged(ILogger logger, int seed);

    [LoggerMessage(6003, LogLevel.Information, "Messages, receipts and counters reset")]
    public static partial void Reset(ILogger logger);
}
