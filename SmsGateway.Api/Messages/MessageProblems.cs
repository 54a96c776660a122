using SmsGateway.Api.Errors;

namespace SmsGateway.Api.Messages;

/// <summary>The errors that several calls on messages have in common.</summary>
internal static class MessageProblems
{
    private static readonly TimeSpan ShortRetry = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan BacklogRetry = TimeSpan.FromSeconds(5);

    public static Problem NotFound() => new(ProblemTypes.NotFound, "No message of this account has this id.");

    /// <summary>Redis is away, closed, or did not answer in time.</summary>
    public static Problem NotNow() => new(
        ProblemTypes.Unavailable,
        "Messages cannot be accepted now. Repeat the request with the same X-Request-ID: it is charged once at most.")
    {
        RetryAfter = ShortRetry,
    };

    /// <summary>Why a script has charged nothing, where the balance was not the reason.</summary>
    public static Problem Of(AcceptCode code) => code switch
    {
        AcceptCode.OtherRequest => new(ProblemTypes.IdempotencyMismatch),
        AcceptCode.BacklogFull => new(ProblemTypes.BacklogFull) { RetryAfter = BacklogRetry },
        AcceptCode.Closed or AcceptCode.BalanceNotLoaded => NotNow(),
        _ => throw new InvalidOperationException($"the script returned the unknown code {code}"),
    };
}
