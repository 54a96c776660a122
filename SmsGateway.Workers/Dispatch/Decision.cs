using SmsGateway.Core.Messages;

namespace SmsGateway.Workers.Dispatch;

/// <summary>
/// What is to be done with a claimed message. Exactly what it says leaves the claim; with nothing set the message stays in it.
/// </summary>
/// <param name="Outcome">To be appended to the status buffer.</param>
/// <param name="Again">To be given back, as it is to be sent next time.</param>
/// <param name="Due">When that is.</param>
/// <param name="Letter">To be set aside.</param>
internal readonly record struct Decision(Outcome? Outcome, QueuedMessage? Again, DateTimeOffset Due, DeadLetter? Letter)
{
    /// <summary>The lease is lost: whoever takes over decides, or this worker once it has the lease again.</summary>
    public static Decision Leave => default;

    public bool IsLeave => this == default;

    /// <summary>Nothing more is to be done.</summary>
    public static Decision Finish(Outcome outcome) => new(outcome, null, default, null);

    /// <summary>No provider has the message; it is sent again later.</summary>
    public static Decision Retry(QueuedMessage again, DateTimeOffset due) => new(null, again, due, null);

    /// <summary>A provider may have the message, and can be asked again without harm.</summary>
    public static Decision RetryUnknown(Outcome unknown, QueuedMessage again, DateTimeOffset due) => new(unknown, again, due, null);

    /// <summary>It is no message.</summary>
    public static Decision SetAside(DeadLetter letter) => new(null, null, default, letter);
}
