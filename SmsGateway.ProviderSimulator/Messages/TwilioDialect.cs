using System.Text.Json;

namespace SmsGateway.ProviderSimulator.Messages;

/// <summary>Twilio's Messages API, as far as the gateway needs it.</summary>
internal sealed class TwilioDialect(TwilioAuthentication authentication) : IDialect
{
    public const string Version = "2010-04-01";

    public int AcceptedStatus => StatusCodes.Status201Created;

    public string Challenge => "Basic realm=\"Twilio API\"";

    public bool Allows(HttpContext context) => authentication.Allows(context);

    public async Task<(MessageRequest? Request, TwilioError? Error)> ReadAsync(HttpContext context)
    {
        if (context.Request.Headers[IdempotencyToken.Header].ToString().Length > IdempotencyToken.MaxLength)
        {
            return (null, TwilioError.InvalidParameter($"{IdempotencyToken.Header} is longer than {IdempotencyToken.MaxLength}"));
        }

        try
        {
            return MessageRequest.Parse(context.Request.HasFormContentType
                ? await context.Request.ReadFormAsync(context.RequestAborted)
                : FormCollection.Empty);
        }
        catch (InvalidDataException malformed)
        {
            return (null, TwilioError.InvalidParameter(malformed.Message));
        }
    }

    public IdempotencyToken TokenOf(HttpContext context) => IdempotencyToken.Parse(context.Request.Headers[IdempotencyToken.Header]);

    public bool TryFind(HttpContext context, MessageLog log, out MessageRecord message)
    {
        message = default;
        return MessageSid.TryParse(context.Request.RouteValues["sid"] as string, out var sid) && log.TryFind(sid, out message);
    }

    public byte[] Write(MessageResource message) => JsonSerializer.SerializeToUtf8Bytes(message, TwilioJson.Plain.MessageResource);

    public byte[] Write(TwilioError error) => JsonSerializer.SerializeToUtf8Bytes(error, TwilioJson.Plain.TwilioError);
}
