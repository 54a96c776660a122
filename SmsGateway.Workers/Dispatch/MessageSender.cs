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

    private static readonly ActivitySource Tracing = new(WorkersTelemetry.MeterName);

    private readonly int _maxAttempts = options.Value.MaxAttempts;
    private readonly Func<bool> _mayLeave = () => identity.HoldsLease;

    /// <param name="message">From this worker's claim.</param>
    /// <param name="mark">Writes into the claim whom the message is about to go to; false: it must not go.</param>
    /// <param name="stopping">Ends the sending of messages that have not been sent yet.</param>
    /// <param name="aborting">Ends attempts under way.</param>
    public async Task<Decision> SendAsync(
        QueuedMessage message, Func<QueuedMessage, Task<bool>> mark, CancellationToken stopping, CancellationToken aborting)
    {
        if (message.ValidUntil <= time.GetUtcNow())
        {
            return Finish(message, MessageState.Expired, null, null);
        }

        using var activity = message.TraceParent is { } accepted ? Tracing.StartActivity("send sms", ActivityKind.Producer, accepted) : null;
        activity?.SetTag("messaging.message.id", message.Id);

        var tour = new Tour(message);
        var lines = routes.For(message);
        if (lines.IsEmpty && routes.Any)
        {
            return Finish(message, MessageState.Failed, null, NoRoute);
        }

        for (int i = 0; i < lines.Length; i++)
        {
            if (stopping.IsCancellationRequested)
            {
                return Decision.Retry(tour.Message, time.GetUtcNow());
            }

            var line = lines.Span[i];
            if (line.IsResting)
            {
                tour.MayWorkLater(line.Rest);
                continue;
            }

            if (message.OnlyProvider is not null && !line.HonoursIdempotencyKey && await LookUpAsync(tour, line, aborting) is { } known)
            {
                return known;
            }

            var departure = await line.AdmitAsync(_mayLeave);
            if (departure is not null && lines.Length > 1 && !await mark(tour.Message with { Asking = line.Name }))
            {
                return Decision.Leave;
            }

            // The departure looks once more, when the connection stands.
            if (!identity.HoldsLease)
            {
                return Decision.Leave;
            }

            var attempt = departure is null ? Attempt.Full : await line.SendAsync(tour.Message, departure, aborting);
            if (attempt == Attempt.Full)
            {
                // The reserve is for when this line fails, not for when it is busy with our own messages.
                return identity.HoldsLease ? AfterFull(tour, line.TokenWait) : Decision.Leave;
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
            tour.Tried();
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
        if (!line.CanResolve || message.Attempts >= _maxAttempts)
        {
            return finish;
        }

        // The customer sees "unknown" at once, and a cancellation from now on gives no money back.
        var again = message with { OnlyProvider = line.Name };
        return Decision.RetryUnknown(finish.Outcome!, again, Due(message, line.LookUpDelay + backoff.After(message.Attempts)));
    }

    /// <summary>Asks the one provider that may have the message; null: it has not taken it, so that it can be sent again.</summary>
    private async Task<Decision?> LookUpAsync(Tour tour, ProviderLine line, CancellationToken aborting)
    {
        var found = await line.LookUpAsync(tour.Message, aborting);
        switch (found.State)
        {
            case LookUpState.NotTaken:
                return null;
            case LookUpState.Taken:
                return Finish(tour.Message, MessageState.Sent, line.Name, null, found.ProviderMessageId);
            default:
                tour.Tried();
                tour.MayWorkLater(null);
                return AfterAllRoutes(tour);
        }
    }

    private Decision AfterFull(Tour tour, TimeSpan wait)
    {
        if (!tour.WasTried)
        {
            return Decision.Retry(tour.Message, Due(tour.Message, wait));
        }

        tour.MayWorkLater(wait);
        return AfterAllRoutes(tour);
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
}
