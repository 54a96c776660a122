using System.Diagnostics;

using SmsGateway.Core.Messages;
using SmsGateway.Core.Money;
using SmsGateway.Core.Text;

namespace SmsGateway.Api.Messages;

/// <summary>A send, how its text is cut, and what it costs now.</summary>
internal readonly record struct PricedSend(Send Send, Segmentation Segmentation, Amount Cost)
{
    /// <summary>The message as it is queued.</summary>
    public QueuedMessage ToMessage(Guid id, DateTimeOffset now, long userId, Idempotency? idempotency) => new()
    {
        Id = id,
        UserId = userId,
        Priority = Send.Priority,
        Recipient = Send.Recipient,
        Text = Send.Text,
        Sender = Send.Sender,
        Encoding = Segmentation.Encoding,
        Segments = Segmentation.Segments,
        CostUnits = Cost.Units,
        ScheduledAt = Send.ScheduledAt,
        ValidUntil = (Send.ScheduledAt ?? now).AddSeconds(Send.ValiditySeconds),
        ClientReference = Send.ClientReference,
        CallbackUrl = Send.CallbackUrl,
        RequestId = idempotency?.RequestId,
        RequestFingerprint = idempotency?.Fingerprint,
        TraceParent = Activity.Current is { Recorded: true } activity ? activity.Id : null,
    };
}
