using System.Text.Json;
using System.Text.Json.Serialization;

using SmsGateway.Core.Providers;

namespace SmsGateway.Workers.Providers.Twilio;

/// <summary>What is read of a message that Twilio has created (https://www.twilio.com/docs/messaging/api/message-resource).</summary>
internal sealed record TwilioMessage(string? Sid);

/// <summary>What is read of an error (https://www.twilio.com/docs/usage/twilios-response). Its text is not: it quotes the number.</summary>
internal sealed record TwilioError(int? Code);

/// <summary>Reads the answers of Twilio's API.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(TwilioMessage))]
[JsonSerializable(typeof(TwilioError))]
internal sealed partial class TwilioJson : JsonSerializerContext
{
    /// <summary>The id of the created message; null where the answer is no such thing.</summary>
    public static string? ReadSid(ReadOnlySpan<byte> body)
    {
        try
        {
            return ProviderText.Check(JsonSerializer.Deserialize(body, Default.TwilioMessage)?.Sid);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>The code of an error; null where the answer is none of Twilio's.</summary>
    public static int? ReadErrorCode(ReadOnlySpan<byte> body)
    {
        // Nothing, or the HTML of something that stands before the API, is common when much fails: no exception for it.
        if (body.IsEmpty || body[0] != (byte)'{')
        {
            return null;
        }

        try
        {
            return JsonSerializer.Deserialize(body, Default.TwilioError)?.Code;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
