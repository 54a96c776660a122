using Polly;
using Polly.CircuitBreaker;

using SmsGateway.Core.Messages;

namespace SmsGateway.Workers.Providers;

/// <summary>
/// A configured provider with what stands between it and us: a bound on concurrency, the messages a second of its contract, a timeout for
/// each attempt, a circuit breaker, and the pauses that it asks for. A line that cannot take a message now says so.
/// </summary>
internal sealed class ProviderLine
{
    private static readonly string[] EveryNumber = [""];
    private static readonly TimeSpan DefaultPause = TimeSpan.FromSeconds(1);

    private readonly IProvider _provider;
    private readonly ProviderOptions _options;
    private readonly TimeProvider _time;
    private readonly ProviderMetrics _metrics;
    private readonly RateLimit? _rate;
    private readonly ResiliencePipeline<SendResult> _judged;
    private readonly ResiliencePipeline<SendResult> _unjudged;
    private readonly CircuitBreakerStateProvider _breaker = new();

    // The breaker has opened and not closed since: probes that fail meanwhile are not told again. The breaker's own, under its lock.
    private bool _isFailing;

    // Attempts under way. Every sender changes it.
    private int _inFlight;

    // Timestamp before which nothing is sent: the breaker has opened, or the provider asked for a pause. Senders and breaker write it.
    private long _restUntil;

    /// <param name="provider">Whom it leads to.</param>
    /// <param name="options">Its configuration.</param>
    /// <param name="time">The clock of timeouts and rests.</param>
    /// <param name="metrics">Told of each attempt.</param>
    /// <param name="log">Told of the breaker.</param>
    /// <param name="rate">The contract's messages a second; null: there is no such limit.</param>
    public ProviderLine(
        IProvider provider,
        ProviderOptions options,
        TimeProvider time,
        ProviderMetrics metrics,
        ILogger<ProviderLine> log,
        RateLimit? rate = null)
    {
        _provider = provider;
        _options = options;
        _time = time;
        _metrics = metrics;
        _rate = rate;
        _unjudged = NewPipeline().AddTimeout(options.AttemptTimeout).Build();
        _judged = NewPipeline().AddCircuitBreaker(NewBreaker(log)).AddPipeline(_unjudged).Build();
        metrics.Watch(this);
    }

    public string Name => _options.Name;

    /// <summary>The beginnings of the numbers that it serves; all numbers begin with the empty one.</summary>
    public IReadOnlyList<string> Prefixes => _options.Prefixes.Count == 0 ? EveryNumber : _options.Prefixes;

    public int Order => _options.Order;

    public decimal Cost => _options.Cost;

    public bool HonoursIdempotencyKey => _options.HonoursIdempotencyKey;

    /// <summary>Whether it can be found out what has become of a message that it may have: by sending it again, or by asking.</summary>
    public bool CanResolve => HonoursIdempotencyKey || _provider.CanLookUp;

    /// <summary>How long after an attempt whose outcome is unknown to ask at the earliest; by then the request is no longer under way.</summary>
    public TimeSpan LookUpDelay => HonoursIdempotencyKey ? TimeSpan.Zero : _options.AttemptTimeout;

    /// <summary>The state of the breaker.</summary>
    public CircuitState State => _breaker.CircuitState;

    /// <summary>
    /// The same for people. The breaker itself stays open until a message comes; when its break is over and none does, nothing is known of the
    /// provider but that the next one will test it, which is what half-open means.
    /// </summary>
    public CircuitState ShownState => State == CircuitState.Open && !IsResting ? CircuitState.HalfOpen : State;

    /// <summary>Whether messages may go this way as usual: neither breaker nor provider has asked for a rest.</summary>
    public bool IsOpen => State == CircuitState.Closed && !IsResting;

    /// <summary>Whether nothing is sent for a while.</summary>
    public bool IsResting => Rest > TimeSpan.Zero;

    /// <summary>For how long nothing is sent: the breaker has opened, or the provider has asked for a pause.</summary>
    public TimeSpan Rest
    {
        get
        {
            long until = Volatile.Read(ref _restUntil);
            long now = _time.GetTimestamp();
            return until > now ? _time.GetElapsedTime(now, until) : TimeSpan.Zero;
        }
    }

    /// <summary>
    /// How many messages the line could take now. While the breaker is not closed that is one, the probe, once its break is over.
    /// </summary>
    public int Capacity => IsResting ? 0 : Math.Max(Limit - Volatile.Read(ref _inFlight), 0);

    /// <summary>How many messages the line could take now by its concurrency and with the tokens in hand.</summary>
    public int Ready => _rate is null ? Capacity : Math.Min(Capacity, _rate.Tokens);

    /// <summary>Whether a contract bounds its messages a second.</summary>
    public bool IsLimited => _rate is not null;

    /// <summary>How long until there may be a token, after <see cref="AdmitAsync"/> has refused.</summary>
    public TimeSpan TokenWait => _rate?.Wait ?? TimeSpan.Zero;

    private int Limit => State == CircuitState.Closed ? _options.MaxConcurrency : 1;

    /// <summary>Gets tokens for messages that are about to be claimed.</summary>
    public Task FillAsync(int messages) => _rate is null ? Task.CompletedTask : _rate.FillAsync(Math.Min(messages, Capacity));

    /// <summary>
    /// Takes the token that the next <see cref="SendAsync"/> needs, where the contract has a limit. At once where one is in hand, which is the
    /// rule; a message that comes here because another provider has refused it may have to ask for one.
    /// </summary>
    /// <returns>By what the request leaves; null: the contract allows no message now.</returns>
    public async ValueTask<Departure?> AdmitAsync(Func<bool> mayLeave)
    {
        var token = _rate is null ? null : await _rate.TakeAsync();
        return _rate is not null && token is null ? null : new Departure(mayLeave, _rate, token, _time);
    }

    /// <summary>Asks the provider to take the message, or says at once that it is not asked now.</summary>
    public async Task<Attempt> SendAsync(QueuedMessage message, Departure departure, CancellationToken cancellationToken)
    {
        if (Rest is var rest && rest > TimeSpan.Zero)
        {
            return Attempt.Resting(rest);
        }

        bool isProbe = State != CircuitState.Closed;
        long start = _time.GetTimestamp();
        try
        {
            if (Interlocked.Increment(ref _inFlight) > Limit)
            {
                return isProbe ? Attempt.Resting(_options.Breaker.BreakAfter(failedProbes: 1)) : Attempt.Full;
            }

            // What has ended in doubt here before may do so by its own fault, again and again: it must not close the way to the others.
            bool isRepeat = message.OnlyProvider == Name;
            var pipeline = isRepeat && !isProbe ? _unjudged : _judged;
            var result = await pipeline.ExecuteAsync(
                static (call, token) => new ValueTask<SendResult>(call.Provider.SendAsync(call.Message, call.Departure, token)),
                (Provider: _provider, Message: message, Departure: departure),
                cancellationToken);
            if (result is SendResult.HeldBack)
            {
                return Attempt.Full;
            }

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

    /// <summary>Asks the provider what has become of a message.</summary>
    public async Task<LookUp> LookUpAsync(QueuedMessage message, CancellationToken cancellationToken)
    {
        using var bounded = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        bounded.CancelAfter(_options.AttemptTimeout);
        var found = await _provider.LookUpAsync(message, bounded.Token);
        _metrics.LookedUp(Name, found.State);
        return found;
    }

    private ResiliencePipelineBuilder<SendResult> NewPipeline() => new() { Name = Name, TimeProvider = _time };

    private CircuitBreakerStrategyOptions<SendResult> NewBreaker(ILogger log) => new()
    {
        FailureRatio = _options.Breaker.FailureRatio,
        MinimumThroughput = _options.Breaker.MinimumAttempts,
        SamplingDuration = _options.Breaker.Window,
        BreakDurationGenerator = opening => new(_options.Breaker.BreakAfter(opening.HalfOpenAttempts)),
        StateProvider = _breaker,
        // A provider that refuses a message or asks for less works; one that throws has a bug in its adapter. A probe that did not leave
        // proves nothing.
        ShouldHandle = call => ValueTask.FromResult(
            call.Outcome.Exception is not null || call.Outcome.Result is SendResult.Unavailable or SendResult.Unknown
            || (call.Outcome.Result is SendResult.HeldBack && State == CircuitState.HalfOpen)),
        OnOpened = opened =>
        {
            RestFor(opened.BreakDuration);
            if (!_isFailing)
            {
                _isFailing = true;
                ProviderLog.BreakerOpened(log, Name, ReasonOf(opened.Outcome), opened.BreakDuration);
            }

            return default;
        },
        OnHalfOpened = _ =>
        {
            ProviderLog.BreakerHalfOpened(log, Name);
            return default;
        },
        OnClosed = _ =>
        {
            _isFailing = false;
            ProviderLog.BreakerClosed(log, Name);
            return default;
        },
    };

    private static string ReasonOf(Outcome<SendResult> outcome) => outcome.Result switch
    {
        SendResult.Unavailable unavailable => unavailable.Reason,
        SendResult.Unknown unknown => unknown.Reason,
        _ => outcome.Exception?.GetType().Name ?? "none",
    };

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
            RestFor(wanted);
        }
    }

    /// <summary>Sends nothing for a while; a longer rest that was begun before stays.</summary>
    private void RestFor(TimeSpan duration)
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
