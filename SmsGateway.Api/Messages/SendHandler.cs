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
    public async Task<Results<AcceptedSend, Ok<DryRunAnswer>, Problem>> SendAsync(
        HttpRequest request, Caller caller, CancellationToken cancellationToken)
    {
        var (body, problem) = await JsonBody.ReadAsync(request, ApiJson.Strict.SendRequest, JsonBody.MaxBytes, cancellationToken);
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
        var priced = new PricedSend(send, segmentation, prices.Cost(send.Recipient, segmentation.Segments, send.Priority));
        var now = time.GetUtcNow();
        var refusal = RefuseByTimeOrPrice(send, priced.Cost, now);
        if (body.DryRun == true)
        {
            return refusal is not null ? refusal : TypedResults.Ok(DryRun(priced));
        }

        Idempotency? idempotency = requestId is null ? null : new(requestId, Fingerprint.Of(send));
        try
        {
            if (refusal is not null)
            {
                return await RefuseUnlessRepeatedAsync(refusal, priced, caller, idempotency, cancellationToken);
            }

            var message = priced.ToMessage(MessageId.New(now), now, caller.UserId, idempotency);
            return Answer(await acceptor.AcceptAsync(message, idempotency, cancellationToken), priced);
        }
        catch (Exception outage) when (RedisFailure.Is(outage))
        {
            return Refuse(MessageProblems.NotNow());
        }
    }

    /// <summary>
    /// What was right before may be wrong now: the schedule has passed, or the price has changed. A repeated request gets its first answer.
    /// </summary>
    private async Task<Results<AcceptedSend, Ok<DryRunAnswer>, Problem>> RefuseUnlessRepeatedAsync(
        Problem refusal, PricedSend priced, Caller caller, Idempotency? idempotency, CancellationToken cancellationToken)
    {
        var before = idempotency is { } known ? await acceptor.FindReplayAsync(caller.UserId, known, cancellationToken) : null;
        return before is { } answered ? Answer(answered, priced) : Refuse(refusal);
    }

    private Problem? RefuseByTimeOrPrice(Send send, Amount cost, DateTimeOffset now)
    {
        if (!send.IsInTime(now, options.Value.LongestSchedule))
        {
            return Problem.OfField("scheduled_at", SendRules.ScheduledAt);
        }

        return send.MaxCost is { } most && cost.Units > most.Units ? new(ProblemTypes.MaxCostExceeded) { Cost = cost } : null;
    }

    private static DryRunAnswer DryRun(PricedSend priced) => new()
    {
        Cost = priced.Cost,
        Segments = priced.Segmentation.Segments,
        Encoding = priced.Segmentation.Encoding.Name(),
    };

    private Results<AcceptedSend, Ok<DryRunAnswer>, Problem> Answer(Acceptance acceptance, PricedSend priced)
    {
        switch (acceptance.Code)
        {
            case AcceptCode.Accepted:
                metrics.Accepted(priced.Send.Priority);
                return Accepted(acceptance, priced, AnswerOrigin.New);
            case AcceptCode.Replayed:
                metrics.Replayed();
                return Accepted(acceptance, priced, AnswerOrigin.Replayed);
            case AcceptCode.InsufficientBalance:
                return Refuse(new(ProblemTypes.InsufficientBalance) { Balance = acceptance.Balance, Cost = acceptance.Cost });
            default:
                return Refuse(MessageProblems.Of(acceptance.Code));
        }
    }

    private static AcceptedSend Accepted(Acceptance acceptance, PricedSend priced, AnswerOrigin origin) => new(
        new()
        {
            SmsId = acceptance.Id,
            Cost = acceptance.Cost,
            Segments = priced.Segmentation.Segments,
            Encoding = priced.Segmentation.Encoding.Name(),
        },
        origin);

    private Problem Refuse(Problem problem)
    {
        metrics.Rejected(problem.Type.Slug);
        return problem;
    }
}
