using System.ComponentModel;
using System.ComponentModel.DataAnnotations;

using SmsGateway.Api.Messages;
using SmsGateway.Core.Money;

namespace SmsGateway.Api.Credits;

/// <summary>The money of an account, in credits.</summary>
internal sealed record BalanceView
{
    [Description("What can be spent now.")]
    public required Amount Balance { get; init; }

    [Description("Charged and not yet in database_balance: balance is always database_balance less this.")]
    public required Amount Pending { get; init; }

    [Description("The balance in the database as of its last sync with what can be spent; null while the database cannot be asked.")]
    public required Amount? DatabaseBalance { get; init; }
}

/// <summary>A change of a balance.</summary>
internal sealed record TransactionView
{
    public required long Id { get; init; }

    [Description("usage, topup, refund or adjustment."), AllowedValues("usage", "topup", "refund", "adjustment")]
    public required string Kind { get; init; }

    [Description("In credits; usage is negative.")]
    public required Amount Amount { get; init; }

    [Description("Of a top-up: the reference that it was asked for with. Of a refund: the message. Of usage: the batch of messages. Of an adjustment: its name.")]
    public required string Reference { get; init; }

    public required string? Description { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }
}

/// <summary>A page of transactions, newest first.</summary>
internal sealed record TransactionPage
{
    [Description("The page of older transactions; null where there are none.")]
    public required string? Next { get; init; }

    [Description("The page of newer transactions; null where there are none.")]
    public required string? Previous { get; init; }

    public required List<TransactionView> Results { get; init; }
}

/// <summary>The body of a top-up.</summary>
internal sealed record ChargeRequest
{
    [Required, Description(ChargeRules.Amount)]
    public Amount? Amount { get; init; }

    [Description(ChargeRules.Description), StringLength(ChargeRules.LongestDescription, MinimumLength = 1), RegularExpression(SendRules.NoNul)]
    public string? Description { get; init; }

    [Description(ChargeRules.Reference), StringLength(ChargeRules.LongestReference, MinimumLength = 1), RegularExpression(SendRules.NoNul)]
    public string? Reference { get; init; }

    [Description(ChargeRules.UserId)]
    public long? UserId { get; init; }
}

/// <summary>What is allowed, in words.</summary>
internal static class ChargeRules
{
    public const int LongestDescription = 200;
    public const int LongestReference = 100;

    public const string Amount = "a number of credits above 0 with up to 4 decimal places, at most what the gateway allows in one top-up";
    public const string Description = "a string of 1 to 200 characters without NUL";
    public const string Reference =
        "a string of 1 to 100 characters without NUL; by it a repeated top-up is recognised, else by X-Request-ID";
    public const string UserId = "an integer: the account; another than the key's own needs the right admin";
}

/// <summary>The answer to a top-up.</summary>
internal sealed record ChargeAnswer
{
    public bool Success { get; init; } = true;

    public string Message { get; init; } = "The account is topped up";

    [Description("What can be spent now, in credits.")]
    public required Amount Balance { get; init; }
}
