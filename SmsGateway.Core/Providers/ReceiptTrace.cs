using System.Diagnostics;

namespace SmsGateway.Core.Providers;

/// <summary>
/// How a receipt finds the trace of its message: by the address that the provider calls back. Providers send no trace context of their own, and
/// the receipt comes to another process, perhaps days later.
/// </summary>
public static class ReceiptTrace
{
    /// <summary>The parameter of the address.</summary>
    public const string Parameter = "traceparent";

    /// <summary>The query of an address that is given to a provider now; empty where the message is not traced. Holds nothing that must be escaped.</summary>
    public static string Query =>
        Activity.Current is { Recorded: true, IdFormat: ActivityIdFormat.W3C } span ? $"?{Parameter}={span.Id}" : "";

    /// <summary>The span that an address names; null where it names none.</summary>
    public static ActivityContext? Read(string? value) =>
        value is not null && ActivityContext.TryParse(value, null, isRemote: true, out var span) ? span : null;
}
