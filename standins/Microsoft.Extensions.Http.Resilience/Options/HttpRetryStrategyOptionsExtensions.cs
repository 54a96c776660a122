using System.Diagnostics.CodeAnalysis;
using Polly;

namespace Microsoft.Extensions.Http.Resilience;

/// <summary>Keeps requests from being sent again.</summary>
[Experimental("EXTEXP0001")]
public static class HttpRetryStrategyOptionsExtensions
{
    /// <summary>Never retries a method that changes something: POST, PUT, PATCH, DELETE, CONNECT.</summary>
    public static void DisableForUnsafeHttpMethods(this HttpRetryStrategyOptions options) =>
        options.DisableFor(HttpMethod.Delete, HttpMethod.Post, HttpMethod.Put, HttpMethod.Connect, HttpMethod.Patch);

    /// <summary>Never retries these methods.</summary>
    public static void DisableFor(this HttpRetryStrategyOptions options, params HttpMethod[] methods)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(methods);

        var shouldHandle = options.ShouldHandle;
        options.ShouldHandle = async args =>
        {
            // A response knows its request; after an exception only the context does.
            var request = args.Outcome.Result?.RequestMessage ?? args.Context.GetRequestMessage();
            return (request is null || !methods.Contains(request.Method)) && await shouldHandle(args);
        };
    }
}
