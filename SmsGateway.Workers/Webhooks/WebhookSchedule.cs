using Microsoft.Extensions.Options;

namespace SmsGateway.Workers.Webhooks;

/// <summary>When an event is told again, and when it is given up.</summary>
internal sealed class WebhookSchedule(IOptions<WebhookOptions> options, TimeProvider clock, Random random)
{
    private const double Growth = 4;

    /// <summary>A wait is up to so much shorter or longer, so that what failed together does not come back together.</summary>
    private const double Jitter = 0.25;

    private readonly WebhookOptions _options = options.Value;

    /// <summary>What becomes of an event after a call. Used by one loop, for the sake of the random numbers.</summary>
    public WebhookVerdict Judge(WebhookEvent what, WebhookAnswer answer)
    {
        var now = clock.GetUtcNow();
        return answer.Kind switch
        {
            WebhookAnswerKind.Delivered => new(what, "delivered", now, null),
            WebhookAnswerKind.Gone => new(what, "gone", now, answer.Reason),
            WebhookAnswerKind.Refused => new(what, "refused", now, answer.Reason),
            _ => Again(what, answer, now),
        };
    }

    private WebhookVerdict Again(WebhookEvent what, WebhookAnswer answer, DateTimeOffset now)
    {
        double wait = Math.Min(_options.FirstRetry.TotalSeconds * Math.Pow(Growth, what.Attempts - 1), _options.LongestRetry.TotalSeconds);
        var due = now + TimeSpan.FromSeconds(wait * (1 - Jitter + (2 * Jitter * random.NextDouble())));
        // A receiver may ask for more time, but not for so much that the event is never told.
        var asked = now + Min(answer.RetryAfter ?? TimeSpan.Zero, _options.LongestRetry);
        due = asked > due ? asked : due;
        return due > what.ExpiresAt ? new(what, "given_up", now, answer.Reason) : new(what, null, due, answer.Reason);
    }

    private static TimeSpan Min(TimeSpan one, TimeSpan other) => one < other ? one : other;
}
