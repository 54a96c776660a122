using System.Diagnostics;

namespace SmsGateway.ServiceDefaults;

internal static class SpanExtensions
{
    /// <summary>
    /// Takes a span that has just begun out of the traces: clears the flag that exporters look at, and that the default sampler hands down to the spans below.
    /// </summary>
    public static void LeaveOut(this Activity span)
    {
        span.IsAllDataRequested = false;
        span.ActivityTraceFlags &= ~ActivityTraceFlags.Recorded;
    }
}
