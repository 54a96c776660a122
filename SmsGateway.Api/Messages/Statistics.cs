using SmsGateway.Core.Messages;

namespace SmsGateway.Api.Messages;

/// <summary>Sums of messages by state.</summary>
internal static class Statistics
{
    public static StatisticsView Of(Func<MessageState, long> count)
    {
        long total = 0;
        foreach (var state in Enum.GetValues<MessageState>())
        {
            total += count(state);
        }

        long sent = count(MessageState.Sent) + count(MessageState.Delivered);
        return new()
        {
            Total = total,
            Sent = sent,
            Failed = count(MessageState.Failed) + count(MessageState.Undelivered) + count(MessageState.Expired),
            Pending = count(MessageState.Queued) + count(MessageState.Unknown),
            Delivered = count(MessageState.Delivered),
            Cancelled = count(MessageState.Cancelled),
            SuccessRate = total == 0 ? 0 : Math.Round(100m * sent / total, 2),
        };
    }
}
