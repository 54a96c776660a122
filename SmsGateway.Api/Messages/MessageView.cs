using System.ComponentModel;
using System.ComponentModel.DataAnnotations;

using SmsGateway.Core.Messages;
using SmsGateway.Core.Money;
using SmsGateway.Core.Text;

namespace SmsGateway.Api.Messages;

/// <summary>A message as its owner sees it.</summary>
internal sealed record MessageView
{
    public required Guid Id { get; init; }

    [Description("The same as id, under the name that the answer to a send has.")]
    public Guid SmsId => Id;

    public required string Recipient { get; init; }

    public required string Message { get; init; }

    public required string? Sender { get; init; }

    [AllowedValues("normal", "express")]
    public required string Priority { get; init; }

    [Description("queued, unknown (a provider may or may not have taken it), sent, delivered, undelivered, failed, expired or cancelled."),
     AllowedValues("queued", "unknown", "sent", "delivered", "undelivered", "failed", "expired", "cancelled")]
    public required string Status { get; init; }

    [AllowedValues("GSM-7", "UCS-2")]
    public required string Encoding { get; init; }

    public required int Segments { get; init; }

    [Description("What the account was charged, in credits.")]
    public required Amount Cost { get; init; }

    public required string? ClientReference { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    public required DateTimeOffset? ScheduledAt { get; init; }

    public required DateTimeOffset ValidUntil { get; init; }

    public DateTimeOffset? SentAt { get; init; }

    public DateTimeOffset? FinishedAt { get; init; }

    public string? Provider { get; init; }

    public string? ProviderMessageId { get; init; }

    public string? ErrorCode { get; init; }

    public int Attempts { get; init; }

    [Description("What is known of the way of the message, oldest first.")]
    public required List<HistoryEntry> History { get; init; }

    /// <summary>A message that only Redis has.</summary>
    public static MessageView Of(QueuedMessage message, MessageState state) => new()
    {
        Id = message.Id,
        Recipient = message.Recipient,
        Message = message.Text,
        Sender = message.Sender,
        Priority = message.Priority.Name(),
        Status = state.Name(),
        Encoding = message.Encoding.Name(),
        Segments = message.Segments,
        Cost = new(message.CostUnits),
        ClientReference = message.ClientReference,
        CreatedAt = message.CreatedAt,
        ScheduledAt = message.ScheduledAt,
        ValidUntil = message.ValidUntil,
        Attempts = message.Attempts,
        History = [new(MessageState.Queued.Name(), message.CreatedAt)],
    };
}

/// <summary>When a message became what.</summary>
internal sealed record HistoryEntry(string Status, DateTimeOffset At);

/// <summary>A page of messages, newest first.</summary>
internal sealed record MessagePage
{
    [Description("The page of older messages; null where there are none.")]
    public required string? Next { get; init; }

    [Description("The page of newer messages; null where there are none.")]
    public required string? Previous { get; init; }

    public required List<MessageView> Results { get; init; }
}

/// <summary>The answer to a cancel.</summary>
internal sealed record CancelAnswer
{
    public bool Success { get; init; } = true;

    public string Message { get; init; } = "The message is cancelled and will be refunded";

    public required Guid SmsId { get; init; }

    public string Status { get; init; } = MessageState.Cancelled.Name();
}

/// <summary>How many messages of a time went how.</summary>
internal sealed record StatisticsView
{
    [Description("All messages.")]
    public required long Total { get; init; }

    [Description("Taken by a provider and not known to have failed: sent and delivered.")]
    public required long Sent { get; init; }

    [Description("Failed, undelivered and expired.")]
    public required long Failed { get; init; }

    [Description("Queued, or unknown.")]
    public required long Pending { get; init; }

    public required long Delivered { get; init; }

    public required long Cancelled { get; init; }

    [Description("Sent in percent of total, with two decimal places; 0 where there is nothing.")]
    public required decimal SuccessRate { get; init; }
}
