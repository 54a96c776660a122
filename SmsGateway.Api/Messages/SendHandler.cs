using System.Diagnostics;

using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.Options;

using SmsGateway.Api.Accounts;
using SmsGateway.Api.Errors;
using SmsGateway.Api.Json;
using SmsGateway.Api.Requests;
using SmsGateway.Core;
using SmsGateway.Core.Messages;
using SmsGateway.Core.Money;
using SmsGateway.Core.Redis;
using SmsGateway.Core.Text;

namespace SmsGateway.Api.Messages;

/// <summary>The accept path: strict reading, rules, segments and cost, then one script.</summary>
internal sealed class SendHandler(
    SendValidator validator, PriceList prices, Acceptor acceptor, AcceptMetrics metrics, IOptions<GatewayOptions> options,
    TimeProvider time)
{
    private static readonly TimeSpan ShortRetry = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan BacklogRetry = TimeSpan.FromSeconds(5);

    public async Task<Results<AcceptedSend, Ok<DryRunAnswer>, Problem>> SendAsync(
        HttpRequest request, Caller caller, CancellationToken cancellationToken)
    {
        var (body, problem) = await JsonBody.ReadAsync(request, ApiJson.Strict.SendRequest, cancellationToken);
        if (body is null)
        {
            return Refuse(problem!);
        }

        var errors = default(FieldErrors);
        string? requestId = RequestId.Read(request.Headers, ref errors);
        if (validator.Validate(body, ref errors) is not { } send)
        {
            return Refuse(errors.ToProblem());
        }

        var segmentation = Segmentation.Of(send.Text);
        var cost = prices.Cost(send.Recipient, segmentation.Segments, send.Priority);
        var now = time.GetUtcNow();
        var refusal = RefuseByTimeOrPrice(send, cost, now);
        if (send.IsDryRun)
        {
            return refusal is not null ? refusal : TypedResults.Ok(DryRun(segmentation, cost));
        }

        Idempotency? idempotency = requestId is null ? null : new(requestId, Fingerprint.Of(send));
        try
        {
            if (refusal is not null)
            {
                return await RefuseUnlessRepeatedAsync(refusal, send, segmentation, caller, idempotency, cancellationToken);
            }

            var message = Queued(send, segmentation, cost, now, caller, idempotency);
            return Answer(await acceptor.AcceptAsync(message, idempotency, cancellationToken), send, segmentation);
        }
        catch (Exception outage) when (RedisFailure.Is(outage))
        {
            return Refuse(NotNow());
        }
    }

    /// <summary>
    /// What was right before may be wrong now: the schedule has passed, or the price has changed. A repeated request gets its first answer.
    /// </summary>
    private async Task<Results<AcceptedSend, Ok<DryRunAnswer>, Problem>> RefuseUnlessRepeatedAsync(
        Problem refusal, Send send, Segmentation segmentation, Caller caller, Idempotency? idempotency, CancellationToken cancellationToken)
    {
        var before = idempotency is { } known ? await acceptor.FindReplayAsync(caller.UserId, known, cancellationToken) : null;
        return before is { } answered ? Answer(answered, send, segmentation) : Refuse(refusal);
    }

    private Problem? RefuseByTimeOrPrice(Send send, Amount cost, DateTimeOffset now)
    {
        if (send.ScheduledAt is { } at && (at <= now || at > now + options.Value.LongestSchedule))
        {
            return Problem.OfField("scheduled_at", SendRules.ScheduledAt);
        }

        return send.MaxCost is { } most && cost.Units > most.Units ? new(ProblemTypes.MaxCostExceeded) { Cost = cost } : null;
    }

    private static DryRunAnswer DryRun(Segmentation segmentation, Amount cost) => new()
    {
        Cost = cost,
        Segments = segmentation.Segments,
        Encoding = segmentation.Encoding.Name(),
    };

    private static QueuedMessage Queued(Send send, Segmentation segmentation, Amount cost, DateTimeOffset now, Caller caller, Idempotency? idempotency) => new()
    {
        Id = MessageId.New(now),
        UserId = caller.UserId,
        Priority = send.Priority,
        Recipient = send.Recipient,
        Text = send.Text,
        Sender = send.Sender,
        Encoding = segmentation.Encoding,
        Segments = segmentation.Segments,
        CostUnits = cost.Units,
        ScheduledAt = send.ScheduledAt,
        ValidUntil = (send.ScheduledAt ?? now).AddSeconds(send.ValiditySeconds),
        ClientReference = send.ClientReference,
        CallbackUrl = send.CallbackUrl,
        RequestId = idempotency?.RequestId,
        RequestFingerprint = idempotency?.Fingerprint,
        TraceParent = Activity.Current is { Recorded: true } activity ? activity.Id : null,
    };

    private Results<AcceptedSend, Ok<DryRunAnswer>, Problem> Answer(Acceptance acceptance, Send send, Segmentation segmentation)
    {
        switch (acceptance.Code)
        {
            case AcceptCode.Accepted:
                metrics.Accepted(send.Priority);
                return Accepted(acceptance, segmentation, AnswerOrigin.New);
            case AcceptCode.Replayed:
                metrics.Replayed();
                return Accepted(acceptance, segmentation, AnswerOrigin.Replayed);
            case AcceptCode.OtherRequest:
                return Refuse(new(ProblemTypes.IdempotencyMismatch));
            case AcceptCode.InsufficientBalance:
                return Refuse(new(ProblemTypes.InsufficientBalance) { Balance = acceptance.Balance, Cost = acceptance.Cost });
            case AcceptCode.BacklogFull:
                return Refuse(new(ProblemTypes.BacklogFull) { RetryAfter = BacklogRetry });
            case AcceptCode.Closed or AcceptCode.BalanceNotLoaded:
                return Refuse(NotNow());
            default:
                throw new InvalidOperationException($"accept.lua returned the unknown code {acceptance.Code}");
        }
    }

    private static AcceptedSend Accepted(Acceptance acceptance, Segmentation segmentation, AnswerOrigin origin) => new(
        new()
        {
            SmsId = acceptance.Id,
            Cost = acceptance.Cost,
            Segments = segmentation.Segments,
            Encoding = segmentation.Encoding.Name(),
        },
        origin);

    private static Problem NotNow() => new(
        ProblemTypes.Unavailable,
        "Messages cannot be accepted now. Repeat the request with the same X-Request-ID: it is charged once at most.")
    {
        RetryAfter = ShortRetry,
    };

    private Problem Refuse(Problem problem)
    {
        metrics.Rejected(problem.Type.Slug);
        return problem;
    }
}
