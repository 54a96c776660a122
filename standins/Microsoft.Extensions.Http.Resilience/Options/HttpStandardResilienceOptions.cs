using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;
using Polly.CircuitBreaker;
using Polly.Timeout;

namespace Microsoft.Extensions.Http.Resilience;

/// <summary>The strategies of the standard pipeline, outermost first.</summary>
/// <remarks>The package's outermost strategy, a limit of 1,000 concurrent requests, is not part of this stand-in.</remarks>
public class HttpStandardResilienceOptions
{
    /// <summary>Bounds the whole call, retries and their delays included. 30 seconds by default.</summary>
    [Required]
    [ValidateObjectMembers]
    public HttpTimeoutStrategyOptions TotalRequestTimeout { get; set; } = new() { Name = "Standard-TotalRequestTimeout" };

    /// <summary>Repeats what failed transiently. 3 retries from 2 seconds on by default.</summary>
    [Required]
    [ValidateObjectMembers]
    public HttpRetryStrategyOptions Retry { get; set; } = new() { Name = "Standard-Retry" };

    /// <summary>Stops calling what keeps failing. Opens for 5 seconds at 10 % failures of 100 calls within 30 seconds by default.</summary>
    [Required]
    [ValidateObjectMembers]
    public HttpCircuitBreakerStrategyOptions CircuitBreaker { get; set; } = new() { Name = "Standard-CircuitBreaker" };

    /// <summary>Bounds one attempt. 10 seconds by default.</summary>
    [Required]
    [ValidateObjectMembers]
    public HttpTimeoutStrategyOptions AttemptTimeout { get; set; } =
        new() { Timeout = TimeSpan.FromSeconds(10), Name = "Standard-AttemptTimeout" };
}

/// <summary>A timeout of a request or of an attempt.</summary>
public class HttpTimeoutStrategyOptions : TimeoutStrategyOptions;

/// <summary>A circuit breaker that counts transient failures.</summary>
public class HttpCircuitBreakerStrategyOptions : CircuitBreakerStrategyOptions<HttpResponseMessage>
{
    /// <summary>Creates options with the defaults for HTTP.</summary>
    public HttpCircuitBreakerStrategyOptions() =>
        ShouldHandle = args => ValueTask.FromResult(HttpClientResiliencePredicates.IsTransient(args.Outcome));
}
