using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.Options;

using SmsGateway.Api.Accounts;
using SmsGateway.Api.Errors;
using SmsGateway.Api.Json;
using SmsGateway.Api.Messages;
using SmsGateway.Api.Requests;
using SmsGateway.Core;
using SmsGateway.Core.Messages;
using SmsGateway.Core.Money;
using SmsGateway.Core.Redis;
using SmsGateway.Core.Text;

namespace SmsGateway.Api.Bulk;

/// <summary>The accept path of many messages at once: all are taken, or none.</summary>
internal sealed class BulkHandler(
    BulkValidator validator, PriceList prices, BulkAcceptor acceptor, AcceptMetrics metrics, IOptions<AcceptOptions> accept,
    IOptions<GatewayOptions> gateway, IOptions<RedisOptions> redis, TimeProvider time) : IDisposable
{
    /// <summary>Largest body: 10,000 messages of 800 bytes each. The edge has the same bound.</summary>
    public const int MaxBytes = 8 * 1024 * 1024;

    /// <summary>Bounds what bulks hold in memory. Those that wait have not been read.</summary>
    private readonly SemaphoreSlim _places = new(accept.Value.ConcurrentBulks);

    public async Task<Results<AcceptedBulk, Ok<BulkDryRunAnswer>, Problem>> SendAsync(
        HttpRequest request, Caller caller, CancellationToken cancellationToken)
    {
        if (!await _places.WaitAsync(redis.Value.Timeout, cancellationToken))
        {
            return Refuse(MessageProblems.NotNow());
        }

        try
        {
            return await SendInPlaceAsync(request, caller, cancellationToken);
        }
        finally
        {
            _places.Release();
        }
    }

    public void Dispose() => _places.Dispose();

    private async Task<Results<AcceptedBulk, Ok<BulkDryRunAnswer>, Problem>> SendInPlaceAsync(
        HttpRequest request, Caller caller, CancellationToken cancellationToken)
    {
        var (body, problem) = await JsonBody.ReadAsync(request, ApiJson.Strict.BulkRequest, MaxBytes, cancellationToken);
        if (body is null)
        {
            return Refuse(problem!);
        }

        var errors = default(FieldErrors);
        string? requestId = RequestId.Read(request.Headers, ref errors);
        if (validator.Validate(body, ref errors) is not { } sends)
        {
            return Refuse(errors.ToProblem());
        }

        var priced = Price(sends);
        var cost = new Amount(priced.Sum(item => item.Cost.Units));
        var now = time.GetUtcNow();
        var refusal = RefuseByTimeOrPrice(body, sends, cost, now);
        if (body.DryRun == true)
        {
            return refusal is not null ? refusal : TypedResults.Ok(DryRun(priced, cost));
        }

        Idempotency? idempotency = requestId is null ? null : new(requestId, Fingerprint.Of(sends, body.MaxCost));
        try
        {
            if (refusal is not null)
            {
                // What was right before may be wrong now. A repeated request gets its first answer.
                var before = idempotency is { } known
                    ? await acceptor.FindReplayAsync(caller.UserId, known, priced.Length, cancellationToken)
                    : null;
                return before is { } answered ? Answer(answered, priced, cost) : Refuse(refusal);
            }

            var first = MessageId.NewBulk(now);
            var messages = priced
                .Select((item, position) => item.ToMessage(MessageId.InBulk(first, position), now, caller.UserId, idempotency))
                .ToArray();
            return Answer(await acceptor.AcceptAsync(messages, idempotency, cancellationToken), priced, cost);
        }
        catch (Exception outage) when (RedisFailure.Is(outage))
        {
            return Refuse(MessageProblems.NotNow());
        }
    }

    private PricedSend[] Price(List<Send> sends)
    {
        var priced = new PricedSend[sends.Count];
        for (int i = 0; i < priced.Length; i++)
        {
            // One text to many is cut once.
            var segmentation = i > 0 && ReferenceEquals(sends[i].Text, sends[i - 1].Text) ? priced[i - 1].Segmentation : Segmentation.Of(sends[i].Text);
            priced[i] = new(sends[i], segmentation, prices.Cost(sends[i].Recipient, segmentation.Segments, sends[i].Priority));
        }

        return priced;
    }

    private Problem? RefuseByTimeOrPrice(BulkRequest body, List<Send> sends, Amount cost, DateTimeOffset now)
    {
        int late = sends.FindIndex(send => !send.IsInTime(now, gateway.Value.LongestSchedule));
        if (late >= 0)
        {
            bool isOwn = body.Messages?[late].ScheduledAt is not null;
            return Problem.OfField(isOwn ? $"{BulkValidator.Position(body, late)}.scheduled_at" : "scheduled_at", SendRules.ScheduledAt);
        }

        return body.MaxCost is { } most && cost.Units > most.Units ? new(ProblemTypes.MaxCostExceeded) { Cost = cost } : null;
    }

    private static BulkDryRunAnswer DryRun(PricedSend[] priced, Amount cost) => new()
    {
        Count = priced.Length,
        Cost = cost,
        Results =
        [
            .. priced.Select(item => new BulkDryRunItem
            {
                Recipient = item.Send.Recipient,
                Cost = item.Cost,
                Segments = item.Segmentation.Segments,
                Encoding = item.Segmentation.Encoding.Name(),
            }),
        ],
    };

    private Results<AcceptedBulk, Ok<BulkDryRunAnswer>, Problem> Answer(BulkAcceptance acceptance, PricedSend[] priced, Amount cost)
    {
        switch (acceptance.Code)
        {
            case AcceptCode.Accepted:
                foreach (var priority in Priorities.All)
                {
                    metrics.Accepted(priority, priced.Count(item => item.Send.Priority == priority));
                }

                return Accepted(acceptance.Record!, priced, AnswerOrigin.New);
            case AcceptCode.Replayed:
                metrics.Replayed();
                return Accepted(acceptance.Record!, priced, AnswerOrigin.Replayed);
            case AcceptCode.InsufficientBalance:
                return Refuse(new(ProblemTypes.InsufficientBalance) { Balance = acceptance.Balance, Cost = cost });
            default:
                return Refuse(MessageProblems.Of(acceptance.Code));
        }
    }

    private static AcceptedBulk Accepted(BulkRecord record, PricedSend[] priced, AnswerOrigin origin) => new(
        new()
        {
            Count = priced.Length,
            Cost = new(record.Costs.Sum()),
            Results =
            [
                .. priced.Select((item, position) => new BulkItem
                {
                    SmsId = MessageId.InBulk(record.First, position),
                    Recipient = item.Send.Recipient,
                    Cost = new(record.Costs[position]),
                    Segments = item.Segmentation.Segments,
                    Encoding = item.Segmentation.Encoding.Name(),
                }),
            ],
        },
        origin);

    private Problem Refuse(Problem problem)
    {
        metrics.Rejected(problem.Type.Slug);
        return problem;
    }
}
