using SmsGateway.Core.Messages;

namespace SmsGateway.Api.Messages;

/// <summary>The way of a message, told from the times that its row holds.</summary>
internal static class History
{
    public static List<HistoryEntry> Of(
        string status, DateTimeOffset createdAt, DateTimeOffset? unknownAt, DateTimeOffset? sentAt, DateTimeOffset? finishedAt)
    {
        var history = new List<HistoryEntry> { new(MessageState.Queued.Name(), createdAt) };
        Add(history, MessageState.Unknown.Name(), unknownAt);
        Add(history, MessageState.Sent.Name(), sentAt);
        Add(history, status, finishedAt);
        return history;
    }

    private static void Add(List<HistoryEntry> history, string status, DateTimeOffset? at)
    {
        if (at is { } time)
        {
            history.Add(new(status, time));
        }
    }
}
