using System.Text.Json;

using SmsGateway.Core.Messages;

using SmsGateway.Workers.Claims;

using StackExchange.Redis;

namespace SmsGateway.Workers.Status;

/// <summary>What one batch of outcomes says of one message, taken together.</summary>
internal sealed class MergedOutcome(Guid id)
{
    public Guid Id { get; } = id;

    public DateTimeOffset CreatedAt { get; } = MessageId.CreatedAt(id);

    public MessageState State { get; private set; } = MessageState.Queued;

    public DateTimeOffset? SentAt { get; private set; }

    public DateTimeOffset? UnknownAt { get; private set; }

    public DateTimeOffset? FinishedAt { get; private set; }

    public string? Provider { get; private set; }

    public string? ProviderMessageId { get; private set; }

    public string? ErrorCode { get; private set; }

    public int Attempts { get; private set; }

    /// <summary>The outcomes themselves, kept in case the message is not there yet.</summary>
    public List<Outcome> Outcomes { get; } = [];

    public void Add(Outcome outcome)
    {
        Outcomes.Add(outcome);
        var before = State;
        State = State.After(outcome.State);
        Provider ??= outcome.Provider;
        ProviderMessageId ??= outcome.ProviderMessageId;
        Attempts = Math.Max(Attempts, outcome.Attempts);
        if (outcome.State == MessageState.Sent)
        {
            SentAt ??= outcome.At;
        }
        else if (outcome.State == MessageState.Unknown)
        {
            UnknownAt ??= outcome.At;
        }
        else if (State != before)
        {
            FinishedAt = outcome.At;
            ErrorCode = outcome.ErrorCode;
        }
    }
}

/// <summary>Outcomes that this worker has claimed from the buffer, merged by message.</summary>
internal sealed class OutcomeBatch : IClaim
{
    private OutcomeBatch(Guid claim, Dictionary<Guid, MergedOutcome> messages, List<(byte[] Payload, string Reason)> unreadable)
    {
        Id = claim;
        // In the order of ids, so that two flushes that meet lock rows in the same order.
        Messages = [.. messages.Values.OrderBy(message => message.Id)];
        Unreadable = unreadable;
    }

    /// <summary>Names the claim in Redis.</summary>
    public Guid Id { get; }

    public MergedOutcome[] Messages { get; }

    public IReadOnlyList<(byte[] Payload, string Reason)> Unreadable { get; }

    public int Count { get; private init; }

    /// <summary>Reads the outcomes of a claim; null where it is empty.</summary>
    public static OutcomeBatch? Read(Guid claim, RedisValue[] payloads)
    {
        if (payloads.Length == 0)
        {
            return null;
        }

        var messages = new Dictionary<Guid, MergedOutcome>(payloads.Length);
        var unreadable = new List<(byte[], string)>();
        foreach (var value in payloads)
        {
            byte[] payload = (byte[]?)value ?? [];
            try
            {
                var outcome = MessageJson.ReadOutcome(payload);
                if (!MessageId.IsValid(outcome.Id))
                {
                    throw new JsonException("the id is no UUIDv7 of a plausible time");
                }

                if (!messages.TryGetValue(outcome.Id, out var merged))
                {
                    messages.Add(outcome.Id, merged = new(outcome.Id));
                }

                merged.Add(outcome);
            }
            catch (JsonException malformed)
            {
                unreadable.Add((payload, $"the payload is not an outcome: error at {malformed.Path ?? "$"}, byte {malformed.BytePositionInLine}"));
            }
        }

        return new(claim, messages, unreadable) { Count = payloads.Length };
    }
}
