using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace SmsGateway.ProviderSimulator.Messages;

/// <summary>A message as Twilio shows it (https://www.twilio.com/docs/messaging/api/message-resource#message-properties).</summary>
internal sealed record MessageResource
{
    public required string AccountSid { get; init; }
    public string ApiVersion { get; } = TwilioDialect.Version;
    public required string Body { get; init; }
    public required string DateCreated { get; init; }
    public string? DateSent { get; init; }
    public required string DateUpdated { get; init; }
    public string Direction { get; } = "outbound-api";
    public int? ErrorCode { get; init; }
    public string? ErrorMessage { get; init; }
    public string? From { get; init; }
    public string? MessagingServiceSid { get; init; }
    public string NumMedia { get; } = "0";
    public required string NumSegments { get; init; }
    public string? Price { get; init; }
    public string? PriceUnit { get; init; }
    public required string Sid { get; init; }
    public required string Status { get; init; }
    public required SubresourceUris SubresourceUris { get; init; }
    public required string To { get; init; }
    public required string Uri { get; init; }
}

/// <summary>Where the parts of a message would be.</summary>
internal sealed record SubresourceUris(string Media);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(MessageResource))]
[JsonSerializable(typeof(TwilioError))]
internal sealed partial class TwilioJson : JsonSerializerContext
{
    /// <summary>Writes "+" as it is, as Twilio does, not as an escape.</summary>
    public static TwilioJson Plain => field ??= new TwilioJson(new JsonSerializerOptions(Default.Options)
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    });
}
