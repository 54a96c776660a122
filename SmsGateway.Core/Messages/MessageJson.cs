using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace SmsGateway.Core.Messages;

/// <summary>The one JSON form of what travels through Redis. Source-generated: no reflection on the accept path.</summary>
[JsonSerializable(typeof(QueuedMessage))]
[JsonSerializable(typeof(Outcome))]
[JsonSerializable(typeof(DeadLetter))]
public sealed partial class MessageJson : JsonSerializerContext
{
    // Only nulls are left out: a required member whose value happens to be the default (normal, GSM-7) must be written to be read again.
    // The text goes to Redis and back, never into HTML: leave non-ASCII letters as they are, half the bytes of \uXXXX.
    // Only what is null is left out: a required property whose value is its type's default would not be read back without it.
    private static readonly MessageJson Compact = new(new JsonSerializerOptions
    {
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        RespectNullableAnnotations = true,
    });

    public static byte[] Write(QueuedMessage message) => JsonSerializer.SerializeToUtf8Bytes(message, Compact.QueuedMessage);

    public static byte[] Write(Outcome outcome) => JsonSerializer.SerializeToUtf8Bytes(outcome, Compact.Outcome);

    public static byte[] Write(DeadLetter letter) => JsonSerializer.SerializeToUtf8Bytes(letter, Compact.DeadLetter);

    /// <exception cref="JsonException">The payload is no message.</exception>
    public static QueuedMessage ReadMessage(ReadOnlySpan<byte> payload) =>
        JsonSerializer.Deserialize(payload, Compact.QueuedMessage) ?? throw new JsonException("the payload is null");

    /// <exception cref="JsonException">The payload is no outcome.</exception>
    public static Outcome ReadOutcome(ReadOnlySpan<byte> payload) =>
        JsonSerializer.Deserialize(payload, Compact.Outcome) ?? throw new JsonException("the payload is null");

    /// <exception cref="JsonException">The payload is no dead letter.</exception>
    public static DeadLetter ReadDeadLetter(ReadOnlySpan<byte> payload) =>
        JsonSerializer.Deserialize(payload, Compact.DeadLetter) ?? throw new JsonException("the payload is null");
}
