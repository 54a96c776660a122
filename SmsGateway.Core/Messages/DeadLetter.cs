using System.Text.Json.Serialization;

namespace SmsGateway.Core.Messages;

/// <summary>Something that could not be processed, set aside in <c>dead_sms_queue</c> with its reason for an operator to look at.</summary>
public sealed record DeadLetter
{
    /// <summary>Where it was set aside: <c>ingest</c>, <c>dispatch</c> or <c>status</c>.</summary>
    [JsonPropertyName("source")]
    public required string Source { get; init; }

    [JsonPropertyName("reason")]
    public required string Reason { get; init; }

    [JsonPropertyName("at")]
    public required DateTimeOffset At { get; init; }

    /// <summary>The message's id as far as it is known.</summary>
    [JsonPropertyName("id")]
    public string? Id { get; init; }

    /// <summary>What could not be processed, byte for byte.</summary>
    [JsonPropertyName("payload")]
    public byte[]? Payload { get; init; }
}
