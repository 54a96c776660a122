using Microsoft.AspNetCore.Diagnostics;

namespace SmsGateway.Api.Errors;

/// <summary>What is no fault of the gateway: requests that the server refused, and parts that are down.</summary>
internal sealed class OutageHandler(ILogger<OutageHandler> log) : IExceptionHandler
{
    public async ValueTask<bool> TryHandleAsync(HttpContext httpContext, Exception exception, CancellationToken cancellationToken)
    {
        if (exception is BadHttpRequestException refused)
        {
            await new Problem(ProblemTypes.OfStatus(refused.StatusCode)) { Status = refused.StatusCode }.ExecuteAsync(httpContext);
            return true;
        }

        if (!Outage.IsOutage(exception))
        {
            return false;
        }

        Log.CallUnavailable(log, exception.GetType().Name, httpContext.GetEndpoint()?.DisplayName ?? "");
        await Problem.Unavailable("A part that this call needs is down. The call may be repeated.").ExecuteAsync(httpContext);
        return true;
    }
}
