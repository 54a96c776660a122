namespace SmsGateway.Workers.Watchdog;

/// <summary>Where something can wait; in the order of a message's way.</summary>
internal enum Place
{
    Buffered,
    IngestClaimed,
    Overdue,
    Queued,
    Unknown,
    Sent,
    Outcome,
    StatusClaimed,
    Webhook,
    DeadLetter,
}

internal static class Places
{
    public static readonly Place[] All = Enum.GetValues<Place>();

    private static readonly string[] Names =
        ["buffered", "ingest_claimed", "overdue", "queued", "unknown", "sent", "outcome", "status_claimed", "webhook", "dead_letter"];

    /// <summary>As metrics and logs spell it.</summary>
    public static string Name(this Place place) => Names[(int)place];
}

/// <summary>How long the oldest has waited, by place.</summary>
internal sealed class Ages(DateTimeOffset now)
{
    private readonly TimeSpan[] _ages = new TimeSpan[Places.All.Length];

    public DateTimeOffset Now => now;

    public TimeSpan this[Place place] => _ages[(int)place];

    /// <summary>Something has waited there since then; null: nothing does.</summary>
    public void Add(Place place, DateTimeOffset? since)
    {
        if (now - since is { } age && age > _ages[(int)place])
        {
            _ages[(int)place] = age;
        }
    }
}
