using System.Diagnostics;

using SmsGateway.Core.Providers;

namespace SmsGateway.Api.Receipts;

/// <summary>Puts the taking of a receipt into the trace of its message, linked with the request that brought it.</summary>
internal static class ReceiptTracing
{
    private static readonly ActivitySource Source = new(ApiTelemetry.MeterName);

    public static async ValueTask<object?> TraceAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        using var span = Source.HasListeners() ? Start(context.HttpContext.Request.Query[ReceiptTrace.Parameter]) : null;
        return await next(context);
    }

    private static Activity? Start(string? traceParent)
    {
        if (ReceiptTrace.Read(traceParent) is not { } message)
        {
            return null;
        }

        ActivityLink[] links = Activity.Current is { } request ? [new(request.Context)] : [];
        return Source.StartActivity("receive receipt", ActivityKind.Consumer, message, links: links);
    }
}
