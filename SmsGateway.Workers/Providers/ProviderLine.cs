using Polly;
using Polly.CircuitBreaker;

using SmsGateway.Core.Messages;

namespace SmsGateway.Workers.Providers;

/// <summary>
/// A configured provider with what stands between it and us: a bound on concurrency, a timeout for each attempt, a circuit breaker, and the
/// pauses that it asks for. Nothing waits here: a line that cannot take a message now says so.
/// </summary>
internal sealed class ProviderLine
{
    private static readonly TimeSpan DefaultPause = TimeSpan.FromSeconds(1);

    private readonly IProvider _provider;
    private readonly ProviderOptions _options;
    private readonly TimeProvider _time;
    private readonly ProviderMetrics _metrics;
    private readonly ResiliencePipeline<SendResult> _pipeline;
    private readonly CircuitBreakerStateProvider _breaker = new();

    // Attempts under way. Every sender changes it.
    private int _inFlight;

    // Timestamp before which nothing is sent: the breaker has opened, or the provider asked for a pause. Senders and breaker write it.
    private long _restUntil;

    public ProviderLine(IProvider provider, ProviderOptions options, TimeProvider time, ProviderMetrics metrics, ILogger<ProviderLine> log)
    {
        _provider = provider;
        _options = options;
        _time = time;
        _metrics = metrics;
        _pipeline = BuildPipeline(log);
        metrics.Watch(this);
    }

    public string Name => _options.Name;

    public bool HonoursIdempotencyKey => _options.HonoursIdempotencyKey;

    /// <summary>The state of the breaker.</summary>
    public CircuitState State => _breaker.CircuitState;

    /// <summary>Whether messages may go this way as usual: neither breaker nor provider has asked for a rest.</summary>
    public bool IsOpen => State == CircuitState.Closed && RestLeft() == TimeSpan.Zero;

    /// <summary>
    /// How many messages the line could take now. While the breaker is not closed that is one, the probe, once its break is over.
    /// </summary>
    public int Capacity => RestLeft() > TimeSpan.Zero ? 0 : Math.Max(Limit - Volatile.Read(ref _inFlight), 0);

    private int Limit => State == CircuitState.Closed ? _options.MaxConcurrency : 1;

    /// <summary>Asks the provider to take the message, or says at once that it is not asked now.</summary>
    public async Task<Attempt> SendAsync(QueuedMessage message, CancellationToken cancellationToken)
    {
        if (RestLeft() is var rest && rest > TimeSpan.Zero)
        {
            return Attempt.Resting(rest);
        }

        bool isProbe = State != CircuitState.Closed;
        long start = _time.GetTimestamp();
        try
        {
            if (Interlocked.Increment(ref _inFlight) > Limit)
            {
                return isProbe ? Attempt.Resting(_options.Breaker.Break) : Attempt.Full;
            }

            var result = await _pipeline.ExecuteAsync(
                static (call, token) => new ValueTask<SendResult>(call.Provider.SendAsync(call.Message, token)),
                (Provider: _provider, Message: message),
                cancellationToken);
            _metrics.Asked(Name, result, _time.GetElapsedTime(start));
            RestIfAsked(result);
            return Attempt.Made(result, isProbe);
        }
        catch (BrokenCircuitException broken)
        {
            return Attempt.Resting(broken.RetryAfter ?? _options.Breaker.Break);
        }
        finally
        {
            Interlocked.Decrement(ref _inFlight);
        }
    }

    private ResiliencePipeline<SendResult> BuildPipeline(ILogger log)
    {
        var breaker = _options.Breaker;
        return new ResiliencePipelineBuilder<SendResult> { Name = Name, TimeProvider = _time }
            .AddCircuitBreaker(new CircuitBreakerStrategyOptions<SendResult>
            {
                FailureRatio = breaker.FailureRatio,
                MinimumThroughput = breaker.MinimumAttempts,
                SamplingDuration = breaker.Window,
                BreakDuration = breaker.Break,
                StateProvider = _breaker,
                // A provider that refuses a message or asks for less works; one that throws has a bug in its adapter.
                ShouldHandle = static call => ValueTask.FromResult(
                    call.Outcome.Exception is not null || call.Outcome.Result is SendResult.Unavailable or SendResult.Unknown),
                OnOpened = opened =>
                {
                    Rest(opened.BreakDuration);
                    ProviderLog.BreakerOpened(log, Name, ReasonOf(opened.Outcome), opened.BreakDuration);
                    return default;
                },
                OnHalfOpened = _ =>
                {
                    ProviderLog.BreakerHalfOpened(log, Name);
                    return default;
                },
                OnClosed = _ =>
                {
                    ProviderLog.BreakerClosed(log, Name);
                    return default;
                },
            })
            .AddTimeout(_options.AttemptTimeout)
            .Build();
    }

    private static string ReasonOf(Outcome<SendResult> outcome) => outcome.Result switch
    {
        SendResult.Unavailable unavailable => unavailable.Reason,
        SendResult.Unknown unknown => unknown.Reason,
        _ => outcome.Exception?.GetType().Name ?? "none",
    };

    private TimeSpan RestLeft()
    {
        long until = Volatile.Read(ref _restUntil);
        long now = _time.GetTimestamp();
        return until > now ? _time.GetElapsedTime(now, until) : TimeSpan.Zero;
    }

    private void RestIfAsked(SendResult result)
    {
        var pause = result switch
        {
            SendResult.Busy busy => busy.RetryAfter ?? DefaultPause,
            SendResult.Unavailable unavailable => unavailable.RetryAfter,
            _ => null,
        };
        if (pause is { } wanted)
        {
            Rest(wanted);
        }
    }

    /// <summary>Sends nothing for a while; a longer rest that was begun before stays.</summary>
    private void Rest(TimeSpan duration)
    {
        long until = _time.GetTimestamp() + (long)(duration.TotalSeconds * _time.TimestampFrequency);
        long known = Volatile.Read(ref _restUntil);
        while (known < until)
        {
            long seen = Interlocked.CompareExchange(ref _restUntil, until, known);
            if (seen == known)
            {
                return;
            }

            known = seen;
        }
    }
}

/// <summary>What a line did with a message.</summary>
/// <param name="Result">The provider's result; null where it was not asked.</param>
/// <param name="IsProbe">The attempt tested whether the provider works again.</param>
/// <param name="Rest">Where it was not asked because the line rests: for how long.</param>
internal readonly record struct Attempt(SendResult? Result, bool IsProbe, TimeSpan? Rest)
{
    /// <summary>Not asked: as many attempts as allowed are under way.</summary>
    public static Attempt Full => default;

    public static Attempt Made(SendResult result, bool isProbe) => new(result, isProbe, null);

    public static Attempt Resting(TimeSpan rest) => new(null, false, rest);
}
