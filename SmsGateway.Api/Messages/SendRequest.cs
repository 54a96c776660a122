using System.ComponentModel;
using System.ComponentModel.DataAnnotations;

using SmsGateway.Api.OpenApi;
using SmsGateway.Core.Messages;
using SmsGateway.Core.Money;

namespace SmsGateway.Api.Messages;

/// <summary>The body of a send. The descriptions say what is allowed: in the documentation, and in the answer to what is not.</summary>
internal sealed record SendRequest
{
    [Required, Description(SendRules.Recipient)]
    public string? Recipient { get; init; }

    [Required, Description(SendRules.Message), StringLength(SendRules.LongestMessage, MinimumLength = 1), RegularExpression(SendRules.NoNul)]
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

    [Description(SendRules.MaxCost)]
    public Amount? MaxCost { get; init; }
}

/// <summary>What is allowed, in words.</summary>
internal static class SendRules
{
    public const int LongestMessage = 1000;
    public const int LongestNumericSender = 15;
    public const int LongestAlphanumericSender = 11;
    public const int LongestReference = 100;
    public const int LongestUrl = 500;
    public const int ShortestValiditySeconds = 60;
    /// <summary>The same as <see cref="SendValidator.IsSender"/>, for the schema.</summary>
    public const string SenderPattern =
        "^(\\+?[0-9]{1,15}|(?=[^A-Za-z]*[A-Za-z])[A-Za-z0-9+_&-]([A-Za-z0-9 +_&-]{0,9}[A-Za-z0-9+_&-])?)$";

    public const string NoNul = "^[^\\u0000]*$";

    public const int DefaultValiditySeconds = 86_400;

    public const string Recipient =
        "a string: the number in E.164 form, a plus sign and 7 to 15 digits of which the first is not 0; national numbers only "
        + "where the gateway has a default country";
    public const string Message = "a string of 1 to 1000 characters without NUL";
    public const string Priority = "normal (the default) or express";
    public const string ScheduledAt =
        "a string: a future time in ISO 8601 with offset, such as 2030-01-31T12:00:00+01:00, at most as far ahead as the gateway "
        + "is set to (30 days)";
    public const string Sender =
        "a string: up to 15 digits with or without a plus sign, or up to 11 of A-Z, a-z, 0-9, space and + - _ & with a letter "
        + "among them";
    public const string ClientReference = "a string of 1 to 100 characters without NUL";
    public const string CallbackUrl = "a string: an absolute http or https URL of up to 500 characters, without user name";
    public const string ValiditySeconds = "an integer from 60 to 172800, counted from scheduled_at or now; 86400 by default";
    public const string DryRun = "true or false; true answers what the message would take and sends nothing";
    public const string MaxCost = "a number of credits of at least 0 with up to 4 decimal places; a dearer message is refused";
}

/// <summary>A send that keeps the rules, each field in its one form.</summary>
internal sealed record Send
{
    public required string Recipient { get; init; }

    public required string Text { get; init; }

    public required Priority Priority { get; init; }

    public DateTimeOffset? ScheduledAt { get; init; }

    public string? Sender { get; init; }

    public string? ClientReference { get; init; }

    public string? CallbackUrl { get; init; }

    public required int ValiditySeconds { get; init; }

    public Amount? MaxCost { get; init; }

    /// <summary>Whether the message is to be sent at once, or at a time that can be waited for.</summary>
    public bool IsInTime(DateTimeOffset now, TimeSpan longestSchedule) => ScheduledAt is not { } at || (at > now && at <= now + longestSchedule);
}
