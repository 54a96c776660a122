using System.Diagnostics;


namespace SmsGateway.Workers.Ingest;

/// <summary>
/// The spans of a claim: one of the batch, and one of each of its messages that are traced, which is a part of the message's own trace and is linked
/// with the batch. Without a collector there is none, and nothing is looked at.
/// </summary>
internal sealed class IngestTrace : IDisposable
{
    private static readonly ActivitySource Source = new(WorkersTelemetry.MeterName);

    private readonly Activity _batch;
    private readonly IngestClaim _claim;

    private IngestTrace(Activity batch, IngestClaim claim) => (_batch, _claim) = (batch, claim);

    /// <summary>Begins; null where no message of the claim is traced, or nobody listens.</summary>
    public static IngestTrace? Begin(IngestClaim claim) =>
        Source.HasListeners() && claim.Messages.Exists(message => message.TraceParent is not null)
            && Source.StartActivity("ingest batch", ActivityKind.Consumer) is { } batch
            ? new(batch, claim)
            : null;

    /// <summary>Ends the batch, and tells of its messages that they were stored within its time.</summary>
    public void Dispose()
    {
        _batch.SetTag("messaging.batch.message_count", _claim.Messages.Count);
        _batch.Stop();
        ActivityLink[] links = [new(_batch.Context)];
        foreach (var message in _claim.Messages)
        {
            if (ActivityContext.TryParse(message.TraceParent, null, isRemote: true, out var accepted))
            {
                using var span = Source.StartActivity("ingest sms", ActivityKind.Consumer, accepted, links: links, startTime: _batch.StartTimeUtc);
                span?.SetTag("messaging.message.id", message.Id);
                span?.SetEndTime(_batch.StartTimeUtc + _batch.Duration);
            }
        }

        _batch.Dispose();
    }
}
