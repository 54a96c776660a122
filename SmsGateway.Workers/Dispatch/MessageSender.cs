using System.Diagnostics;

using Microsoft.Extensions.Options;

using SmsGateway.Core.Messages;
using SmsGateway.Workers.Providers;
using SmsGateway.Workers.Claims;

namespace SmsGateway.Workers.Dispatch;

/// <summary>
/// Sends one message by the first route that takes it and decides what is to be done with it then. The rule of all of it: a message that
/// some provider may have is never offered to another.
/// </summary>
internal sealed class MessageSender(
    Routes routes, Backoff backoff, WorkerIdentity identity, TimeProvider time, DispatchMetrics metrics, IOptions<DispatchOptions> options)
{
    /// <summary>The reason of a failure of which no provider has said more.</summary>
    public const string NoRoute = "no_route";

    private static readonly ActivitySource Tracing = new(ProviderMetrics.MeterName);

    private readonly int _maxAttempts = options.Value.MaxAttempts;

    /// <param name="message">From this worker's claim.</param>
    /// <param name="stopping">Ends the sending of messages that have not been sent yet.</param>
    /// <param name="aborting">Ends attempts under way.</param>
    public async Task<Decision> SendAsync(QueuedMessage message, CancellationToken stopping, CancellationToken aborting)
    {
        if (message.ValidUntil <= time.GetUtcNow())
        {
            return Finish(message, MessageState.Expired, null, null);
        }

        using var activity = Tracing.StartActivity("send sms", ActivityKind.Producer, message.TraceParent);
        activity?.SetTag("messaging.message.id", message.Id);

        var tour = new Tour(message);
        var lines = routes.For(message);
        for (int i = 0; i < lines.Length; i++)
        {
            if (stopping.IsCancellationRequested)
            {
                return Decision.Retry(tour.Message, time.GetUtcNow());
            }

            // Looked at right before each request: from here to the wire nothing is waited for.
            if (!identity.HoldsLease)
            {
                return Decision.Leave;
            }

            var line = lines.Span[i];
            var attempt = await line.SendAsync(tour.Message, aborting);
            if (attempt == Attempt.Full)
            {
                // The reserve is for when this line fails, not for when it is busy with our own messages.
                return Decision.Retry(tour.Message, time.GetUtcNow());
            }

            if (Judge(ref tour, line, attempt) is { } decision)
            {
                return decision;
            }
        }

        return AfterAllRoutes(tour);
    }

    /// <summary>What is to be done with a message whose sending broke by a mistake of ours.</summary>
    public Decision Broken(QueuedMessage message) => Finish(message, MessageState.Unknown, null, "internal_error");

    /// <summary>What an attempt means for the message; null: the next route may be tried.</summary>
    private Decision? Judge(ref Tour tour, ProviderLine line, Attempt attempt)
    {
        // A probe tests the provider with whatever message is at hand. That it failed says nothing about the message.
        if (attempt is { Result: not null } and not { IsProbe: true, Result: SendResult.Unavailable })
        {
            tour.Message = tour.Message with { Attempts = tour.Message.Attempts + 1 };
            tour.WasTried = true;
        }

        switch (attempt.Result)
        {
            case null:
                tour.MayWorkLater(attempt.Rest);
                return null;
            case SendResult.Accepted accepted:
                return Finish(tour.Message, MessageState.Sent, line.Name, null, accepted.ProviderMessageId);
            case SendResult.Refused { Scope: RefusalScope.Message } refused:
                return Finish(tour.Message, MessageState.Failed, line.Name, refused.ErrorCode);
            case SendResult.Refused refused:
                tour.Refused(line.Name, refused.ErrorCode);
                return null;
            case SendResult.Busy busy:
                tour.MayWorkLater(busy.RetryAfter);
                return null;
            case SendResult.Unavailable unavailable:
                tour.MayWorkLater(unavailable.RetryAfter);
                return null;
            case SendResult.Unknown unknown:
                return AfterUnknown(tour.Message, line, unknown);
            default:
                throw new UnreachableException($"the result {attempt.Result.Name} has no rule");
        }
    }

    private Decision AfterUnknown(QueuedMessage message, ProviderLine line, SendResult.Unknown unknown)
    {
        var finish = Finish(message, MessageState.Unknown, line.Name, unknown.Reason);
        if (!line.HonoursIdempotencyKey || message.Attempts >= _maxAttempts)
        {
            return finish;
        }

        // The customer sees "unknown" at once, and a cancellation from now on gives no money back.
        var again = message with { OnlyProvider = line.Name };
        return Decision.RetryUnknown(finish.Outcome!, again, Due(message, backoff.After(message.Attempts)));
    }

    private Decision AfterAllRoutes(Tour tour)
    {
        var message = tour.Message;
        if (!tour.CanWorkLater && (tour.WasTried || message.OnlyProvider is not null))
        {
            return Finish(message, MessageState.Failed, tour.RefusedBy, tour.ErrorCode ?? NoRoute);
        }

        if (!tour.WasTried)
        {
            return Decision.Retry(message, Due(message, backoff.AfterRest(tour.Rest)));
        }

        if (message.Attempts >= _maxAttempts)
        {
            return Finish(message, MessageState.Failed, tour.RefusedBy, tour.ErrorCode ?? NoRoute);
        }

        var wait = backoff.After(message.Attempts);
        return Decision.Retry(message, Due(message, wait > tour.Rest ? wait : backoff.AfterRest(tour.Rest)));
    }

    /// <summary>When to try again: not after the end of the validity, at which the message is looked at to expire.</summary>
    private DateTimeOffset Due(QueuedMessage message, TimeSpan wait)
    {
        var due = time.GetUtcNow() + wait;
        return due < message.ValidUntil ? due : message.ValidUntil;
    }

    private Decision Finish(QueuedMessage message, MessageState state, string? provider, string? error, string? providerMessageId = null)
    {
        // A definite answer of the provider that may have the message ends the doubt; the end of our patience does not.
        bool stillUnknown = message.OnlyProvider is not null && provider is null;
        var outcome = new Outcome
        {
            Id = message.Id,
            State = stillUnknown ? MessageState.Unknown : state,
            At = time.GetUtcNow(),
            Provider = provider ?? message.OnlyProvider,
            ProviderMessageId = providerMessageId,
            ErrorCode = error,
            Attempts = message.Attempts,
        };
        metrics.Learnt(outcome, message.Priority);
        return Decision.Finish(outcome);
    }

    /// <summary>What has been learnt on the way through the routes.</summary>
    private struct Tour(QueuedMessage message)
    {
        public QueuedMessage Message = message;

        /// <summary>Some provider was asked, and it counts.</summary>
        public bool WasTried;

        /// <summary>Some route did not take it that may take it later.</summary>
        public bool CanWorkLater;

        /// <summary>The shortest time that such a route asked for.</summary>
        public TimeSpan Rest;

        public string? RefusedBy;

        public string? ErrorCode;

        public void MayWorkLater(TimeSpan? rest)
        {
            var asked = rest ?? TimeSpan.Zero;
            Rest = CanWorkLater && Rest < asked ? Rest : asked;
            CanWorkLater = true;
        }

        public void Refused(string provider, string errorCode)
        {
            RefusedBy = provider;
            ErrorCode = errorCode;
        }
    }
}
