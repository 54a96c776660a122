using System.Text.Json;

using SmsGateway.Core.Messages;
using SmsGateway.Core.Money;

using SmsGateway.Workers.Claims;

using StackExchange.Redis;

namespace SmsGateway.Workers.Ingest;

/// <summary>What could not be stored, and why.</summary>
/// <param name="Id">The id as it stood in the list; it need not be a UUID.</param>
/// <param name="Reason">For whoever looks at the dead letter.</param>
/// <param name="Payload">Byte for byte what was in Redis; empty where nothing was.</param>
/// <param name="Charge">What was charged for it; null where the payload does not tell any more.</param>
internal readonly record struct Rejected(string Id, string Reason, byte[] Payload, (long UserId, long Units)? Charge);

/// <summary>Messages that this worker has claimed from the buffer, read once.</summary>
internal sealed class IngestClaim : IClaim
{
    private IngestClaim(Guid id, string epochId, long epochCounter, List<QueuedMessage> messages, List<Rejected> unreadable)
    {
        Id = id;
        EpochId = epochId;
        EpochCounter = epochCounter;
        Messages = messages;
        Unreadable = unreadable;
    }

    /// <summary>Names the claim in Redis and is its fence in the database.</summary>
    public Guid Id { get; }

    public int Count => Messages.Count + Unreadable.Count;

    /// <summary>
    /// The epoch of the Redis that the claim was read from; while that is being rebuilt, the one that PostgreSQL has recorded; empty where there was
    /// none ever.
    /// </summary>
    public string EpochId { get; }

    /// <summary>Where the shard's epoch counter stood when the claim was read; 0 without an epoch.</summary>
    public long EpochCounter { get; }

    /// <summary>The messages that could be read, each id once.</summary>
    public List<QueuedMessage> Messages { get; }

    /// <summary>The payloads that are no messages.</summary>
    public List<Rejected> Unreadable { get; }

    /// <summary>The same claim, read while Redis had no epoch, to land under this one.</summary>
    public IngestClaim Under(string epochId) => new(Id, epochId, EpochCounter, Messages, Unreadable);

    /// <summary>Reads what claim_ingest.lua or read_ingest_claim.lua returned; null where it returned nothing.</summary>
    public static IngestClaim? Read(Guid id, RedisResult result)
    {
        var values = (RedisValue[])result!;
        if (values.Length == 0)
        {
            return null;
        }

        int count = values.Length / 2 - 1;
        var messages = new List<QueuedMessage>(count);
        var unreadable = new List<Rejected>();
        var seen = new HashSet<Guid>(count);
        for (int i = 2; i < values.Length; i += 2)
        {
            byte[] payload = (byte[]?)values[i + 1] ?? [];
            if (TryRead(values[i], payload, out var message, out string? reason))
            {
                if (seen.Add(message.Id))
                {
                    messages.Add(message);
                }
            }
            else
            {
                unreadable.Add(new((string?)values[i] ?? "", reason, payload, DamagedPayload.FindCharge(payload)));
            }
        }

        return new(id, (string?)values[0] ?? "", (long)values[1], messages, unreadable);
    }

    private static bool TryRead(RedisValue id, byte[] payload, out QueuedMessage message, out string reason)
    {
        message = null!;
        if (payload.Length == 0)
        {
            reason = "the buffer names an id that has no payload";
            return false;
        }

        try
        {
            message = MessageJson.ReadMessage(payload);
            reason = WhyUnfit(message, (string?)id);
            return reason.Length == 0;
        }
        catch (JsonException malformed)
        {
            // Not its own words, which may quote the text.
            reason = $"the payload is not a message: error at {malformed.Path ?? "$"}, byte {malformed.BytePositionInLine}";
            return false;
        }
    }

    /// <summary>What the database would refuse, found here without asking it; empty where nothing is wrong.</summary>
    private static string WhyUnfit(QueuedMessage message, string? id) =>
        message.Id.ToString() != id ? "the payload has another id than the buffer"
        : !MessageId.IsValid(message.Id) ? "the id is no UUIDv7 of a plausible time"
        : message.Recipient is null || message.Text is null ? "the recipient or the text is null"
        : message.CostUnits is <= 0 or > Amount.MaxUnits ? "the cost is out of range"
        : message.Segments is <= 0 or > short.MaxValue ? "the number of segments is out of range"
        : message.Text.Contains('\0', StringComparison.Ordinal) ? "the text contains NUL"
        : "";
}
