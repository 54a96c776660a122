using System.Text.Json.Serialization;

using SmsGateway.Core.Text;

namespace SmsGateway.Core.Messages;

/// <summary>
/// A message as it travels through Redis, from the accept script to the provider. The accept path writes it; ingest and dispatch read it.
/// </summary>
public sealed record QueuedMessage
{
    /// <summary>How long after its creation, or after the time that it is scheduled for, a message can be valid.</summary>
    public const int LongestValiditySeconds = 172_800;

    /// <summary>UUIDv7; its timestamp is the creation time.</summary>
    [JsonPropertyName("id")]
    public required Guid Id { get; init; }

    /// <summary>The account that pays.</summary>
    [JsonPropertyName("user")]
    public required long UserId { get; init; }

    [JsonPropertyName("priority"), JsonConverter(typeof(EnumName<Priority>))]
    public required Priority Priority { get; init; }

    /// <summary>The handset in E.164 form with its plus sign.</summary>
    [JsonPropertyName("to")]
    public required string Recipient { get; init; }

    [JsonPropertyName("text")]
    public required string Text { get; init; }

    /// <summary>Sender id: numeric, or alphanumeric of at most 11 characters. Null: the route's own.</summary>
    [JsonPropertyName("from")]
    public string? Sender { get; init; }

    [JsonPropertyName("encoding"), JsonConverter(typeof(EnumName<SmsEncoding>))]
    public required SmsEncoding Encoding { get; init; }

    /// <summary>Parts that the text is sent in (3GPP TS 23.040).</summary>
    [JsonPropertyName("segments")]
    public required int Segments { get; init; }

    /// <summary>What the account was charged, in minor units.</summary>
    [JsonPropertyName("cost")]
    public required long CostUnits { get; init; }

    /// <summary>Not before this time; null: at once.</summary>
    [JsonPropertyName("scheduled_at")]
    public DateTimeOffset? ScheduledAt { get; init; }

    /// <summary>Not after this time: then the message expires and is refunded.</summary>
    [JsonPropertyName("valid_until")]
    public required DateTimeOffset ValidUntil { get; init; }

    [JsonPropertyName("client_reference")]
    public string? ClientReference { get; init; }

    [JsonPropertyName("callback_url")]
    public string? CallbackUrl { get; init; }

    /// <summary>The request id that the client sent the message under; null where it sent none.</summary>
    [JsonPropertyName("request_id")]
    public string? RequestId { get; init; }

    /// <summary>With <see cref="RequestId"/>: what tells the request from another one under the same id.</summary>
    [JsonPropertyName("fingerprint")]
    public string? RequestFingerprint { get; init; }

    /// <summary>Times that a provider has been asked; counts towards the attempt limit.</summary>
    [JsonPropertyName("attempts")]
    public int Attempts { get; init; }

    /// <summary>
    /// The configured name of the provider that may have taken the message already. Only it may be asked again, with the same
    /// idempotency key; null: any route.
    /// </summary>
    [JsonPropertyName("only_provider")]
    public string? OnlyProvider { get; init; }

    /// <summary>
    /// In a dispatcher's claim: the configured name of the provider that is being asked. Written before the request where the message
    /// has several routes, so that whoever takes over knows whom to ask.
    /// </summary>
    [JsonPropertyName("asking")]
    public string? Asking { get; init; }

    /// <summary>W3C traceparent of the request that was accepted; null where it was not sampled.</summary>
    [JsonPropertyName("traceparent")]
    public string? TraceParent { get; init; }

    /// <summary>The creation time, which the id holds.</summary>
    [JsonIgnore]
    public DateTimeOffset CreatedAt => MessageId.CreatedAt(Id);
}
