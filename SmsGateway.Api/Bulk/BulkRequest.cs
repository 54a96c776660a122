using System.Collections.ObjectModel;
using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Text.Json;

using SmsGateway.Api.Messages;
using SmsGateway.Api.OpenApi;
using SmsGateway.Core.Messages;
using SmsGateway.Core.Money;

namespace SmsGateway.Api.Bulk;

/// <summary>
/// The body of a bulk: one text to many recipients, or many messages. What it says of all holds for each message that does not say otherwise.
/// </summary>
internal sealed record BulkRequest
{
    [Description(BulkRules.Recipients), MinLength(1), MaxLength(BulkRecord.MostMessages)]
    public BulkList<string>? Recipients { get; init; }

    [Description(BulkRules.Messages), MinLength(1), MaxLength(BulkRecord.MostMessages)]
    public BulkList<BulkMessage>? Messages { get; init; }

    [Description(SendRules.Message), StringLength(SendRules.LongestMessage, MinimumLength = 1), RegularExpression(SendRules.NoNul)]
    public string? Message { get; init; }

    [Description(SendRules.Priority), AllowedValues("normal", "express")]
    public string? Priority { get; init; }

    [Description(SendRules.ScheduledAt), Format("date-time")]
    public string? ScheduledAt { get; init; }

    [Description(SendRules.Sender), RegularExpression(SendRules.SenderPattern)]
    public string? Sender { get; init; }

    [Description(SendRules.ClientReference), StringLength(SendRules.LongestReference, MinimumLength = 1), RegularExpression(SendRules.NoNul)]
    public string? ClientReference { get; init; }

    [Description(SendRules.CallbackUrl), StringLength(SendRules.LongestUrl, MinimumLength = 1), Format("uri")]
    public string? CallbackUrl { get; init; }

    [Description(SendRules.ValiditySeconds), Range(SendRules.ShortestValiditySeconds, QueuedMessage.LongestValiditySeconds)]
    public int? ValiditySeconds { get; init; }

    [Description(SendRules.DryRun)]
    public bool? DryRun { get; init; }

    [Description(BulkRules.MaxCost)]
    public Amount? MaxCost { get; init; }

    /// <summary>What it says of all messages.</summary>
    public SendRequest ToSend() => new()
    {
        Message = Message,
        Priority = Priority,
        ScheduledAt = ScheduledAt,
        Sender = Sender,
        ClientReference = ClientReference,
        CallbackUrl = CallbackUrl,
        ValiditySeconds = ValiditySeconds,
        MaxCost = MaxCost,
    };
}

/// <summary>One of many messages.</summary>
internal sealed record BulkMessage
{
    [Required, Description(SendRules.Recipient)]
    public string? Recipient { get; init; }

    [Description(SendRules.Message), StringLength(SendRules.LongestMessage, MinimumLength = 1), RegularExpression(SendRules.NoNul)]
    public string? Message { get; init; }

    [Description(SendRules.Priority), AllowedValues("normal", "express")]
    public string? Priority { get; init; }

    [Description(SendRules.ScheduledAt), Format("date-time")]
    public string? ScheduledAt { get; init; }

    [Description(SendRules.Sender), RegularExpression(SendRules.SenderPattern)]
    public string? Sender { get; init; }

    [Description(SendRules.ClientReference), StringLength(SendRules.LongestReference, MinimumLength = 1), RegularExpression(SendRules.NoNul)]
    public string? ClientReference { get; init; }

    [Description(SendRules.CallbackUrl), StringLength(SendRules.LongestUrl, MinimumLength = 1), Format("uri")]
    public string? CallbackUrl { get; init; }

    [Description(SendRules.ValiditySeconds), Range(SendRules.ShortestValiditySeconds, QueuedMessage.LongestValiditySeconds)]
    public int? ValiditySeconds { get; init; }

    /// <summary>The message with what is said of all where it says nothing itself.</summary>
    public SendRequest ToSend(BulkRequest all) => new()
    {
        Recipient = Recipient,
        Message = Message ?? all.Message,
        Priority = Priority ?? all.Priority,
        ScheduledAt = ScheduledAt ?? all.ScheduledAt,
        Sender = Sender ?? all.Sender,
        ClientReference = ClientReference ?? all.ClientReference,
        CallbackUrl = CallbackUrl ?? all.CallbackUrl,
        ValiditySeconds = ValiditySeconds ?? all.ValiditySeconds,
    };
}

/// <summary>A list of a bulk. The reader stops at the bound, so that a body of very many tiny values takes no memory.</summary>
internal sealed class BulkList<T> : Collection<T>
{
    /// <exception cref="JsonException">There is one too many.</exception>
    protected override void InsertItem(int index, T item)
    {
        if (Count == BulkRecord.MostMessages)
        {
            throw new JsonException("too many");
        }

        base.InsertItem(index, item);
    }
}

/// <summary>What is allowed, in words.</summary>
internal static class BulkRules
{
    public const string Recipients = "an array of 1 to 10000 recipients, who all get message; either this or messages";
    public const string Messages =
        "an array of 1 to 10000 objects with recipient and message, and priority, scheduled_at, sender, client_reference, callback_url and "
        + "validity_seconds as for a send; what one leaves out is taken from the fields beside the array; either this or recipients";
    public const string MaxCost = "a number of credits of at least 0 with up to 4 decimal places; where all together are dearer, all are refused";
}
