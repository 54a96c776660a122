using System.Text.Json.Serialization;

namespace SmsGateway.Core.Messages;

/// <summary>
/// Something learnt about a message, on its way through <c>sms_status_buffer</c> to the database. Dispatchers, receipt endpoints and cancels write it;
/// the status flush reads it. Learning the same twice, or out of order, is harmless.
/// </summary>
public sealed record Outcome
{
    [JsonPropertyName("id")]
    public required Guid Id { get; init; }

    [JsonPropertyName("state"), JsonConverter(typeof(EnumName<MessageState>))]
    public required MessageState State { get; init; }

    /// <summary>When it happened, by the clock of the process that learnt it.</summary>
    [JsonPropertyName("at")]
    public required DateTimeOffset At { get; init; }

    /// <summary>The configured name of the provider; null where none was involved.</summary>
    [JsonPropertyName("provider")]
    public string? Provider { get; init; }

    /// <summary>The provider's own id of the message.</summary>
    [JsonPropertyName("provider_id")]
    public string? ProviderMessageId { get; init; }

    /// <summary>The provider's or the gateway's reason, for a failure.</summary>
    [JsonPropertyName("error")]
    public string? ErrorCode { get; init; }

    /// <summary>Times that a provider had been asked when this was learnt; 0 where that is not known.</summary>
    [JsonPropertyName("attempts")]
    public int Attempts { get; init; }

    /// <summary>When the outcome was first found to have no message; it is dropped when this gets too old.</summary>
    [JsonPropertyName("parked_at")]
    public DateTimeOffset? ParkedAt { get; init; }
}
