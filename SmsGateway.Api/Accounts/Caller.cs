using SmsGateway.Core.Accounts;

namespace SmsGateway.Api.Accounts;

/// <summary>Whether an account may send.</summary>
internal enum AccountStatus
{
    Active,

    /// <summary>Reads, but does not send.</summary>
    Suspended,
}

/// <summary>
/// Who calls: what is cached of an API key. A change makes a new one. As a handler's parameter it is the caller of the request.
/// </summary>
internal sealed record Caller(long UserId, Rights Rights, AccountStatus Status, DateTimeOffset? ExpiresAt)
{
    /// <summary>Binds the parameter of a handler; the group of the endpoint has demanded a right, so there is a caller.</summary>
    public static ValueTask<Caller?> BindAsync(HttpContext context) =>
        new(context.Features.Get<Caller>()
            ?? throw new InvalidOperationException($"{context.GetEndpoint()?.DisplayName} demands no right, so it has no caller"));
}
