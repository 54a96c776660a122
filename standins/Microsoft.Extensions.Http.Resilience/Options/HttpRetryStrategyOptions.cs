using Polly;
using Polly.Retry;

namespace Microsoft.Extensions.Http.Resilience;

/// <summary>Retries of transient failures: exponential backoff with jitter, or as long as the server asks for.</summary>
public class HttpRetryStrategyOptions : RetryStrategyOptions<HttpResponseMessage>
{
    /// <summary>Creates options with the defaults for HTTP.</summary>
    public HttpRetryStrategyOptions()
    {
        ShouldHandle = args => ValueTask.FromResult(
            HttpClientResiliencePredicates.IsTransient(args.Outcome, args.Context.CancellationToken));
        BackoffType = DelayBackoffType.Exponential;
        UseJitter = true;
        ShouldRetryAfterHeader = true;
    }

    /// <summary>Whether a <c>Retry-After</c> header sets the delay. True by default.</summary>
    public bool ShouldRetryAfterHeader
    {
        get;
        set
        {
            field = value;
            DelayGenerator = value ? args => ValueTask.FromResult(RetryAfter(args.Outcome.Result)) : null;
        }
    }

    // Null leaves the delay to the backoff. A date in the past means at once.
    private static TimeSpan? RetryAfter(HttpResponseMessage? response)
    {
        var header = response?.Headers.RetryAfter;
        var delay = header?.Date is { } date ? date - TimeProvider.System.GetUtcNow() : header?.Delta;
        return delay < TimeSpan.Zero ? TimeSpan.Zero : delay;
    }
}
