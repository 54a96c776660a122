using System.Buffers.Text;
using System.Text;
using System.Text.Json;

using SmsGateway.Core.Messages;

using StackExchange.Redis;

namespace SmsGateway.Workers.Dispatch;

/// <summary>Reads what stands in a claim.</summary>
internal static class ClaimedPayload
{
    private const string Source = "dispatch";

    /// <summary>The message; or null and the letter that says why it is none.</summary>
    public static QueuedMessage? Read(RedisValue id, RedisValue payload, DateTimeOffset now, out DeadLetter? letter)
    {
        byte[] idBytes = (byte[]?)id ?? [];
        byte[] bytes = (byte[]?)payload ?? [];
        string reason;
        try
        {
            var message = MessageJson.ReadMessage(bytes);
            if (Utf8Parser.TryParse(idBytes, out Guid known, out int length, 'D') && length == idBytes.Length && known == message.Id)
            {
                letter = null;
                return message;
            }

            reason = "the payload is of another message";
        }
        catch (JsonException invalid)
        {
            // Where it went wrong, and not the message of the error: that may quote what stands there.
            reason = $"the payload is no message: error at {invalid.Path ?? "$"}, byte {invalid.BytePositionInLine}";
        }

        letter = new DeadLetter { Source = Source, Reason = reason, Id = Encoding.UTF8.GetString(idBytes), Payload = bytes, At = now };
        return null;
    }
}
