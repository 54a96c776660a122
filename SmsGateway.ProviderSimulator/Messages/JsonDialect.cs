using System.Globalization;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Primitives;
using SmsGateway.ProviderSimulator.Receipts;

namespace SmsGateway.ProviderSimulator.Messages;

/// <summary>
/// A plain JSON dialect, such as the gateway's provider kind <c>http</c> is made for: <c>POST /json/messages</c> with a bearer token takes a
/// <see cref="JsonMessage"/>, whose id is its idempotency key; <c>GET /json/messages/{id}</c> finds it by that id.
/// </summary>
internal sealed class JsonDialect(IOptions<TwilioAccountOptions> account) : IDialect
{
    private static readonly MediaTypeHeaderValue JsonType = new("application/json");

    private readonly byte[] _authorization = Encoding.UTF8.GetBytes($"Bearer {account.Value.AuthToken}");

    public int AcceptedStatus => StatusCodes.Status202Accepted;

    public string Challenge => "Bearer";

    public bool Allows(HttpContext context) =>
        CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(context.Request.Headers.Authorization.ToString()), _authorization);

    public async Task<(MessageRequest? Request, TwilioError? Error)> ReadAsync(HttpContext context)
    {
        try
        {
            var message = await JsonSerializer.DeserializeAsync(context.Request.Body, SimulatorJson.Default.JsonMessage, context.RequestAborted);
            if (message is null)
            {
                return (null, TwilioError.InvalidParameter("the body is null"));
            }

            // The same checks as Twilio's, by the same names.
            var (request, error) = MessageRequest.Parse(new FormCollection(new Dictionary<string, StringValues>
            {
                ["To"] = message.To,
                ["From"] = message.From,
                ["Body"] = message.Text,
                ["StatusCallback"] = message.ReceiptUrl,
                ["ValidityPeriod"] = message.Ttl?.ToString(CultureInfo.InvariantCulture),
            }));
            context.Items[typeof(JsonMessage)] = message;
            return (request is null ? null : request with { ClientMessageId = message.Id, WantsJson = true }, error);
        }
        catch (JsonException malformed)
        {
            return (null, TwilioError.InvalidParameter($"no JSON at byte {malformed.BytePositionInLine}"));
        }
    }

    public IdempotencyToken TokenOf(HttpContext context) =>
        context.Items[typeof(JsonMessage)] is JsonMessage { Id: { } id } ? new(id, null) : default;

    public bool TryFind(HttpContext context, MessageLog log, out MessageRecord message)
    {
        message = default;
        return Guid.TryParseExact(context.Request.RouteValues["id"] as string, "D", out var id) && log.TryFind(new IdempotencyToken(id, null), out message);
    }

    public byte[] Write(MessageResource message) =>
        JsonSerializer.SerializeToUtf8Bytes(new JsonStatus(message.Sid, message.Status, null), SimulatorJson.Default.JsonStatus);

    public byte[] Write(TwilioError error) => JsonSerializer.SerializeToUtf8Bytes(
        new JsonStatus(null, null, error.Code.ToString(CultureInfo.InvariantCulture)), SimulatorJson.Default.JsonStatus);

    /// <summary>The receipt that is due, at the address that came with its message.</summary>
    public static HttpRequestMessage WriteReceipt(ReceiptJob job)
    {
        var status = new JsonStatus(job.Sid, job.CurrentStatus, job.CurrentErrorCode?.ToString(CultureInfo.InvariantCulture));
        var content = new ByteArrayContent(JsonSerializer.SerializeToUtf8Bytes(status, SimulatorJson.Default.JsonStatus));
        content.Headers.ContentType = JsonType;
        return new HttpRequestMessage(HttpMethod.Post, job.Callback) { Content = content };
    }
}

/// <summary>A message as the JSON dialect takes it.</summary>
internal sealed record JsonMessage
{
    public Guid? Id { get; init; }
    public string? To { get; init; }
    public string? From { get; init; }
    public string? Text { get; init; }

    /// <summary>Validity in seconds.</summary>
    public int? Ttl { get; init; }

    public string? ReceiptUrl { get; init; }
}

/// <summary>An answer or a receipt of the JSON dialect.</summary>
internal sealed record JsonStatus(string? Id, string? Status, string? Error);

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(JsonMessage))]
[JsonSerializable(typeof(JsonStatus))]
internal sealed partial class SimulatorJson : JsonSerializerContext;
