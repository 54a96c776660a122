using SmsGateway.Api.Errors;
using SmsGateway.Core.Accounts;

namespace SmsGateway.Api.Accounts;

/// <summary>What an endpoint demands of its caller.</summary>
internal sealed record RequiredRight(Rights Right, SuspendedAccounts Suspended);

/// <summary>What a suspended account may do at an endpoint.</summary>
internal enum SuspendedAccounts
{
    Admitted,
    Refused,
}

/// <summary>Admits to an endpoint that demands a right only the callers that have it.</summary>
internal sealed class ApiKeyMiddleware(RequestDelegate next, KeyDirectory keys)
{
    public const string Header = "X-Api-Key";

    public async Task InvokeAsync(HttpContext context)
    {
        if (context.GetEndpoint()?.Metadata.GetMetadata<RequiredRight>() is not { } required)
        {
            await next(context);
            return;
        }

        var header = context.Request.Headers[Header];
        Caller? caller;
        try
        {
            caller = header.Count == 1 ? await keys.FindAsync(header[0], context.RequestAborted) : null;
        }
        catch (TooManyLookupsException)
        {
            await Problem.Unavailable("Too many keys are being looked up. The call may be repeated.").ExecuteAsync(context);
            return;
        }

        if (Refusal(caller, required) is { } problem)
        {
            if (problem.Type == ProblemTypes.Unauthorized)
            {
                context.Response.Headers.WWWAuthenticate = $"ApiKey header=\"{Header}\"";
            }

            await problem.ExecuteAsync(context);
            return;
        }

        context.Features.Set(caller);
        await next(context);
    }

    internal static Problem? Refusal(Caller? caller, RequiredRight required)
    {
        if (caller is null)
        {
            return new(ProblemTypes.Unauthorized);
        }

        if (!caller.Rights.HasFlag(required.Right))
        {
            return new(ProblemTypes.MissingRight, $"This call needs the right {string.Join(", ", required.Right.Names())}.");
        }

        return caller.Status == AccountStatus.Suspended && required.Suspended == SuspendedAccounts.Refused
            ? new(ProblemTypes.AccountSuspended)
            : null;
    }
}
