using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace SmsGateway.ProviderSimulator.Faults;

/// <summary>Whether a POST that repeats an idempotency token creates a message.</summary>
internal enum IdempotencyPolicy
{
    /// <summary>It does, as at Twilio, whose Messages API promises nothing about the token.</summary>
    Ignored,

    /// <summary>It does not: the answer is the first message.</summary>
    Honoured,
}

/// <summary>How the provider behaves: section <c>Simulator:Faults</c> at start, <c>PUT /control/faults</c> afterwards.</summary>
internal sealed class FaultOptions
{
    /// <summary>Shortest time from request to answer; the time is drawn evenly from [LatencyMin, LatencyMax].</summary>
    [Range(typeof(TimeSpan), "00:00:00", "00:01:00")]
    public TimeSpan LatencyMin { get; set; } = TimeSpan.FromMilliseconds(15);

    /// <summary>Longest time from request to answer.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "00:01:00")]
    public TimeSpan LatencyMax { get; set; } = TimeSpan.FromMilliseconds(15);

    /// <summary>Messages a second that are let through, 429 above it; 0 is no limit.</summary>
    [Range(0, 1_000_000)]
    public int MaxMessagesPerSecond { get; set; }

    /// <summary>What a repeated <c>I-Twilio-Idempotency-Token</c> does.</summary>
    [EnumDataType(typeof(IdempotencyPolicy))]
    public IdempotencyPolicy Idempotency { get; set; }

    /// <summary>Starts the random draws: the n-th message draws the same in every run with the same seed and shares.</summary>
    public int Seed { get; set; } = 1;

    /// <summary>Shares of the answers that go wrong.</summary>
    [Required, ValidateObjectMembers]
    public AnswerShares Answers { get; set; } = new();

    /// <summary>Delays and shares of the receipts.</summary>
    [Required, ValidateObjectMembers]
    public ReceiptShares Receipts { get; set; } = new();

    /// <summary>Behaviour fixed for recipients; goes before the built-in <see cref="MagicNumbers"/> and before the draws.</summary>
    [Required, MaxLength(100), ValidateEnumeratedItems]
    public List<NumberRule> Numbers { get; set; } = [];
}

/// <summary>Share, from 0 to 1, of the messages that meet each <see cref="AnswerFault"/>. Their sum is at most 1.</summary>
internal sealed class AnswerShares
{
    /// <summary>429, code 20429.</summary>
    [Range(0d, 1d)]
    public double TooManyRequests { get; set; }

    /// <summary>500, code 20500.</summary>
    [Range(0d, 1d)]
    public double ServerError { get; set; }

    /// <summary>503, code 20503.</summary>
    [Range(0d, 1d)]
    public double Unavailable { get; set; }

    /// <summary>400 with <see cref="RefusalCode"/>.</summary>
    [Range(0d, 1d)]
    public double Refusal { get; set; }

    /// <summary>Twilio's error code of a drawn refusal; 21610 is a recipient who has opted out.</summary>
    [Range(20_001, 69_999)]
    public int RefusalCode { get; set; } = 21610;

    /// <summary>Connection reset, message not accepted.</summary>
    [Range(0d, 1d)]
    public double ResetBeforeAccept { get; set; }

    /// <summary>Connection reset, message accepted.</summary>
    [Range(0d, 1d)]
    public double ResetAfterAccept { get; set; }

    /// <summary>Half the body of a 201, message accepted.</summary>
    [Range(0d, 1d)]
    public double HalfAnswer { get; set; }

    /// <summary>201 with a body that is no JSON, message accepted.</summary>
    [Range(0d, 1d)]
    public double WrongJson { get; set; }

    /// <summary>No answer, message not accepted.</summary>
    [Range(0d, 1d)]
    public double HangBeforeAccept { get; set; }

    /// <summary>No answer, message accepted.</summary>
    [Range(0d, 1d)]
    public double HangAfterAccept { get; set; }
}

/// <summary>When receipts are posted and which share of them goes wrong.</summary>
internal sealed class ReceiptShares
{
    /// <summary>Time from the answer to the receipt "sent".</summary>
    [Range(typeof(TimeSpan), "00:00:00", "1.00:00:00")]
    public TimeSpan SentAfter { get; set; } = TimeSpan.FromMilliseconds(50);

    /// <summary>Time from the answer to the final receipt.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "1.00:00:00")]
    public TimeSpan FinalAfter { get; set; } = TimeSpan.FromMilliseconds(200);

    /// <summary>Drawn evenly from [0, Jitter] for each message and added to both delays.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "1.00:00:00")]
    public TimeSpan Jitter { get; set; }

    /// <summary>Share of messages that end as undelivered.</summary>
    [Range(0d, 1d)]
    public double Undelivered { get; set; }

    /// <summary>Share of messages that end as failed.</summary>
    [Range(0d, 1d)]
    public double Failed { get; set; }

    /// <summary>Share of receipts, each for itself, that are never posted.</summary>
    [Range(0d, 1d)]
    public double Lost { get; set; }

    /// <summary>Share of receipts, each for itself, that are posted twice.</summary>
    [Range(0d, 1d)]
    public double Duplicated { get; set; }

    /// <summary>Share of messages whose final receipt is posted before "sent".</summary>
    [Range(0d, 1d)]
    public double OutOfOrder { get; set; }
}

/// <summary>Fixes what happens to recipients whose number starts with a prefix; the longest prefix that fits applies.</summary>
internal sealed class NumberRule
{
    /// <summary>Start of <c>To</c>, or all of it.</summary>
    [Required, RegularExpression(@"^\+[1-9]\d{0,14}$")]
    public string Prefix { get; set; } = "";

    /// <summary>How the POST is answered.</summary>
    [EnumDataType(typeof(AnswerFault))]
    public AnswerFault Answer { get; set; }

    /// <summary>Twilio's error code when <see cref="Answer"/> is <see cref="AnswerFault.Refusal"/>.</summary>
    [Range(20_001, 69_999)]
    public int RefusalCode { get; set; } = 21610;

    /// <summary>What becomes of the message and its receipts.</summary>
    [Range(0, 127)]
    public ReceiptFaults Receipts { get; set; }
}
