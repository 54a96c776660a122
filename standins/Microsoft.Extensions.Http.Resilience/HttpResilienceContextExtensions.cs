using System.Diagnostics.CodeAnalysis;

namespace Polly;

/// <summary>Lets strategies see the request that they guard.</summary>
[Experimental("EXTEXP0001")]
public static class HttpResilienceContextExtensions
{
    private static readonly ResiliencePropertyKey<HttpRequestMessage?> RequestMessage = new("Resilience.Http.RequestMessage");

    /// <summary>The request of this execution, or null if it is none of HTTP.</summary>
    public static HttpRequestMessage? GetRequestMessage(this ResilienceContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        return context.Properties.GetValue(RequestMessage, null);
    }

    /// <summary>Sets the request of this execution.</summary>
    public static void SetRequestMessage(this ResilienceContext context, HttpRequestMessage? requestMessage)
    {
        ArgumentNullException.ThrowIfNull(context);
        context.Properties.Set(RequestMessage, requestMessage);
    }
}
