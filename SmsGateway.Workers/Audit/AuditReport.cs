namespace SmsGateway.Workers.Audit;

/// <summary>One thing that was counted.</summary>
/// <param name="Invariant">The invariant (ARCHITECTURE.md, Money) that it belongs to; null where it only informs.</param>
/// <param name="Name">What was counted.</param>
/// <param name="Count">How many; for an invariant, how many break it.</param>
/// <param name="Examples">A few of them, for whoever looks into it.</param>
internal sealed record AuditLine(string? Invariant, string Name, long Count, IReadOnlyList<string> Examples)
{
    public bool IsViolation => Invariant is not null && Count > 0;
}
