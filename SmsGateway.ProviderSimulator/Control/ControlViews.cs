using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using SmsGateway.ProviderSimulator.Faults;
using SmsGateway.ProviderSimulator.Messages;

namespace SmsGateway.ProviderSimulator.Control;

/// <summary>A message as the control API shows it; never its text.</summary>
internal sealed record MessageView(
    long Number, string Sid, string To, string? IdempotencyToken, Guid? ClientMessageId, int Posts, DateTimeOffset AcceptedAt)
{
    public static MessageView Of(ulong run, in MessageRecord message) => new(
        message.Number,
        new MessageSid(run, message.Number).ToString(),
        PhoneNumber.Unpack(message.To),
        message.Token.ToString(),
        message.ClientMessageId,
        message.Posts,
        DateTimeOffset.FromUnixTimeMilliseconds(message.AcceptedUnixMs));
}

/// <summary>Counters since start or the last reset.</summary>
/// <param name="Received">POSTs of messages: accepted + refused + repeated, but for those just being handled.</param>
/// <param name="Accepted">Messages created.</param>
/// <param name="Refused">POSTs that created none and met no earlier message.</param>
/// <param name="Repeated">POSTs answered with an earlier message, since the idempotency token was honoured.</param>
/// <param name="TokenRepeats">POSTs whose token had been seen before, honoured or not.</param>
/// <param name="PeakPerSecond">Most messages accepted within one second of the clock.</param>
/// <param name="Remembered">Messages in the log.</param>
/// <param name="Overwritten">Messages that the log has forgotten; above 0 an audit against it is incomplete.</param>
/// <param name="Receipts">Receipts.</param>
/// <param name="Answers">POSTs by the fault drawn for them.</param>
internal sealed record StatsView(
    long Received,
    long Accepted,
    long Refused,
    long Repeated,
    long TokenRepeats,
    int PeakPerSecond,
    long Remembered,
    long Overwritten,
    ReceiptsView Receipts,
    Dictionary<string, long> Answers);

/// <summary>Receipts by what became of them; <paramref name="PendingMessages"/> counts messages that have some still to come.</summary>
internal sealed record ReceiptsView(long Sent, long Failed, long Dropped, long Lost, long Retried, int PendingMessages);

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DictionaryKeyPolicy = JsonKnownNamingPolicy.CamelCase,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    UseStringEnumConverter = true)]
[JsonSerializable(typeof(FaultOptions))]
[JsonSerializable(typeof(StatsView))]
[JsonSerializable(typeof(MessageView))]
[JsonSerializable(typeof(List<MessageView>))]
internal sealed partial class ControlJson : JsonSerializerContext
{
    /// <summary>Writes "+" as it is, so that a number can be searched for.</summary>
    public static ControlJson Plain => field ??= new ControlJson(new JsonSerializerOptions(Default.Options)
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    });
}
