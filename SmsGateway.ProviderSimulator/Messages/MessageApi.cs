using System.Globalization;
using Microsoft.Extensions.Options;
using SmsGateway.ProviderSimulator.Control;
using SmsGateway.ProviderSimulator.Faults;
using SmsGateway.ProviderSimulator.Receipts;

namespace SmsGateway.ProviderSimulator.Messages;

/// <summary>What the simulator does with a message, whatever dialect it is asked in: two calls, create and fetch.</summary>
internal sealed class MessageApi(
    FaultSwitch faults,
    RateGate rate,
    MessageLog log,
    ReceiptQueue receipts,
    SimulatorStats stats,
    FaultyAnswers faulty,
    IOptions<TwilioAccountOptions> account,
    TimeProvider time)
{
    private readonly string _accountSid = account.Value.AccountSid;

    public async Task CreateAsync(HttpContext context, IDialect dialect)
    {
        stats.CountReceived();
        var (request, error) = dialect.Allows(context) ? await dialect.ReadAsync(context) : (null, TwilioError.Authenticate);
        var plan = faults.Plan;
        if (request is not null && !rate.TryEnter(plan.Options.MaxMessagesPerSecond))
        {
            error = TwilioError.TooManyRequests;
        }

        if (request is null || error is not null)
        {
            await RefuseAsync(context, dialect, error!);
            return;
        }

        var fate = plan.Draw(request.To);
        stats.CountFault(fate.Answer);
        var refusal = Refusal(fate, request);
        if (refusal is not null || fate.Answer is AnswerFault.ResetBeforeAccept or AnswerFault.HangBeforeAccept)
        {
            await DelayAsync(fate.Latency, context.RequestAborted);
            stats.CountPost(PostResult.Refused);
            await (refusal is null ? faulty.SpoilAsync(context, fate.Answer, ReadOnlyMemory<byte>.Empty) : WriteAsync(context, dialect, refusal));
            return;
        }

        var message = Accept(dialect.TokenOf(context), request, fate, plan.Options.Idempotency);
        byte[] answer = dialect.Write(Show(message, request.Body, time.GetUtcNow().ToUnixTimeMilliseconds()));
        await DelayAsync(fate.Latency, context.RequestAborted);
        if (fate.Answer != AnswerFault.None)
        {
            await faulty.SpoilAsync(context, fate.Answer, answer);
            return;
        }

        await WriteAsync(context, dialect.AcceptedStatus, answer);
    }

    public Task FetchAsync(HttpContext context, IDialect dialect)
    {
        if (!dialect.Allows(context))
        {
            return WriteAsync(context, dialect, TwilioError.Authenticate);
        }

        return dialect.TryFind(context, log, out var message)
            ? WriteAsync(context, StatusCodes.Status200OK, dialect.Write(Show(message, body: "", time.GetUtcNow().ToUnixTimeMilliseconds())))
            : WriteAsync(context, dialect, TwilioError.NotFound(context.Request.Path));
    }

    private static TwilioError? Refusal(in Fate fate, MessageRequest request) => fate.Answer switch
    {
        AnswerFault.TooManyRequests => TwilioError.TooManyRequests,
        AnswerFault.ServerError => TwilioError.ServerError,
        AnswerFault.Unavailable => TwilioError.Unavailable,
        AnswerFault.Refusal => TwilioError.Refused(fate.RefusalCode, request.To, request.From),
        _ => null,
    };

    private MessageRecord Accept(IdempotencyToken token, MessageRequest request, in Fate fate, IdempotencyPolicy policy)
    {
        var outcome = DeliveryOutcomes.Of(fate, request.ValidityPeriod);
        var message = new MessageRecord
        {
            To = PhoneNumber.Pack(request.To),
            Sender = request.MessagingServiceSid ?? request.From ?? "",
            Token = token,
            ClientMessageId = request.ClientMessageId ?? ClientMessageId.Find(request.StatusCallback?.OriginalString),
            AcceptedUnixMs = time.GetUtcNow().ToUnixTimeMilliseconds(),
            SentAfterMs = (int)(fate.Latency + fate.SentAfter).TotalMilliseconds,
            FinalAfterMs = (int)(fate.Latency + fate.FinalAfter).TotalMilliseconds,
            Posts = 1,
            Segments = (short)Segments.Count(request.Body),
            Outcome = outcome,
            FromMessagingService = request.MessagingServiceSid is not null,
        };

        var repeated = log.Accept(ref message, request, policy);
        if (repeated)
        {
            stats.CountTokenRepeat();
        }

        if (repeated && policy == IdempotencyPolicy.Honoured)
        {
            stats.CountPost(PostResult.Repeated);
            return message;
        }

        stats.CountPost(PostResult.Accepted);
        if (request.StatusCallback is not null)
        {
            // The delays count from the answer, whether or not the client still listens then.
            var answeredAtMs = receipts.NowMs + (long)fate.Latency.TotalMilliseconds;
            stats.CountReceipts(ReceiptResult.Lost, ReceiptJob.LostCount(fate.Receipts));
            receipts.Add(new ReceiptJob(new MessageSid(log.Run, message.Number), request, fate, outcome, answeredAtMs));
        }

        return message;
    }

    private MessageResource Show(in MessageRecord message, string body, long nowUnixMs)
    {
        var sid = new MessageSid(log.Run, message.Number).ToString();
        var status = message.StatusAt(nowUnixMs);
        var error = status is "undelivered" or "failed" ? message.Outcome.Error() : null;
        var uri = $"/{TwilioDialect.Version}/Accounts/{_accountSid}/Messages/{sid}";
        var created = Rfc2822(message.AcceptedUnixMs);
        var sentAt = message.AcceptedUnixMs + message.SentAfterMs;
        return new MessageResource
        {
            AccountSid = _accountSid,
            Body = body,
            DateCreated = created,
            DateSent = status is "sent" or "delivered" or "undelivered" ? Rfc2822(sentAt) : null,
            DateUpdated = nowUnixMs < sentAt ? created : Rfc2822(sentAt),
            ErrorCode = error?.Code,
            ErrorMessage = error?.Message,
            From = message.FromMessagingService ? null : message.Sender,
            MessagingServiceSid = message.FromMessagingService ? message.Sender : null,
            NumSegments = message.Segments.ToString(CultureInfo.InvariantCulture),
            Sid = sid,
            Status = status,
            SubresourceUris = new SubresourceUris($"{uri}/Media.json"),
            To = PhoneNumber.Unpack(message.To),
            Uri = $"{uri}.json",
        };
    }

    private static string Rfc2822(long unixMs) =>
        DateTimeOffset.FromUnixTimeMilliseconds(unixMs).ToString("ddd, dd MMM yyyy HH:mm:ss '+0000'", CultureInfo.InvariantCulture);

    private Task RefuseAsync(HttpContext context, IDialect dialect, TwilioError error)
    {
        stats.CountPost(PostResult.Refused);
        return WriteAsync(context, dialect, error);
    }

    private async ValueTask DelayAsync(TimeSpan latency, CancellationToken aborted)
    {
        if (latency > TimeSpan.Zero)
        {
            await Task.Delay(latency, time, aborted).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private static Task WriteAsync(HttpContext context, IDialect dialect, TwilioError error)
    {
        switch (error.Status)
        {
            case StatusCodes.Status401Unauthorized:
                context.Response.Headers.WWWAuthenticate = dialect.Challenge;
                break;
            case StatusCodes.Status429TooManyRequests:
                context.Response.Headers.RetryAfter = "1";
                break;
        }

        return WriteAsync(context, error.Status, dialect.Write(error));
    }

    private static Task WriteAsync(HttpContext context, int status, byte[] body)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = "application/json";
        context.Response.ContentLength = body.Length;
        return context.Response.Body.WriteAsync(body, context.RequestAborted).AsTask();
    }
}
