using System.Globalization;
using System.Text.Json;
using Microsoft.Extensions.Options;
using SmsGateway.ProviderSimulator.Control;
using SmsGateway.ProviderSimulator.Faults;
using SmsGateway.ProviderSimulator.Receipts;

namespace SmsGateway.ProviderSimulator.Messages;

/// <summary>The two calls of Twilio's Messages API that the gateway needs: create and fetch.</summary>
internal sealed class TwilioApi(
    TwilioAuthentication authentication,
    FaultSwitch faults,
    RateGate rate,
    MessageLog log,
    ReceiptQueue receipts,
    SimulatorStats stats,
    FaultyAnswers faulty,
    IOptions<TwilioAccountOptions> account,
    TimeProvider time)
{
    public const string Version = "2010-04-01";

    private readonly string _accountSid = account.Value.AccountSid;

    public async Task CreateAsync(HttpContext context)
    {
        stats.CountReceived();
        var (request, error) = authentication.Allows(context) ? await ReadAsync(context) : (null, TwilioError.Authenticate);
        var plan = faults.Plan;
        if (request is not null && !rate.TryEnter(plan.Options.MaxMessagesPerSecond))
        {
            error = TwilioError.TooManyRequests;
        }

        if (request is null || error is not null)
        {
            await RefuseAsync(context, error!);
            return;
        }

        var fate = plan.Draw(request.To);
        stats.CountFault(fate.Answer);
        var refusal = Refusal(fate, request);
        if (refusal is not null || fate.Answer is AnswerFault.ResetBeforeAccept or AnswerFault.HangBeforeAccept)
        {
            await DelayAsync(fate.Latency, context.RequestAborted);
            stats.CountPost(PostResult.Refused);
            await (refusal is null ? faulty.SpoilAsync(context, fate.Answer, ReadOnlyMemory<byte>.Empty) : WriteAsync(context, refusal));
            return;
        }

        var message = Accept(context, request, fate, plan.Options.Idempotency);
        var answer = JsonSerializer.SerializeToUtf8Bytes(
            Show(message, request.Body, time.GetUtcNow().ToUnixTimeMilliseconds()), TwilioJson.Plain.MessageResource);
        await DelayAsync(fate.Latency, context.RequestAborted);
        if (fate.Answer != AnswerFault.None)
        {
            await faulty.SpoilAsync(context, fate.Answer, answer);
            return;
        }

        await WriteAsync(context, StatusCodes.Status201Created, answer);
    }

    public Task FetchAsync(HttpContext context)
    {
        if (!authentication.Allows(context))
        {
            return WriteAsync(context, TwilioError.Authenticate);
        }

        return MessageSid.TryParse(context.Request.RouteValues["sid"] as string, out var sid) && log.TryFind(sid, out var message)
            ? WriteAsync(context, StatusCodes.Status200OK, JsonSerializer.SerializeToUtf8Bytes(
                Show(message, body: "", time.GetUtcNow().ToUnixTimeMilliseconds()), TwilioJson.Plain.MessageResource))
            : WriteAsync(context, TwilioError.NotFound(context.Request.Path));
    }

    private static async Task<(MessageRequest? Request, TwilioError? Error)> ReadAsync(HttpContext context)
    {
        if (context.Request.Headers[IdempotencyToken.Header].ToString().Length > IdempotencyToken.MaxLength)
        {
            return (null, TwilioError.InvalidParameter($"{IdempotencyToken.Header} is longer than {IdempotencyToken.MaxLength}"));
        }

        try
        {
            return MessageRequest.Parse(context.Request.HasFormContentType
                ? await context.Request.ReadFormAsync(context.RequestAborted)
                : FormCollection.Empty);
        }
        catch (InvalidDataException malformed)
        {
            return (null, TwilioError.InvalidParameter(malformed.Message));
        }
    }

    private static TwilioError? Refusal(in Fate fate, MessageRequest request) => fate.Answer switch
    {
        AnswerFault.TooManyRequests => TwilioError.TooManyRequests,
        AnswerFault.ServerError => TwilioError.ServerError,
        AnswerFault.Unavailable => TwilioError.Unavailable,
        AnswerFault.Refusal => TwilioError.Refused(fate.RefusalCode, request.To, request.From),
        _ => null,
    };

    private MessageRecord Accept(HttpContext context, MessageRequest request, in Fate fate, IdempotencyPolicy policy)
    {
        var outcome = DeliveryOutcomes.Of(fate, request.ValidityPeriod);
        var message = new MessageRecord
        {
            To = PhoneNumber.Pack(request.To),
            Sender = request.MessagingServiceSid ?? request.From ?? "",
            Token = IdempotencyToken.Parse(context.Request.Headers[IdempotencyToken.Header]),
            ClientMessageId = ClientMessageId.Find(request.StatusCallback?.OriginalString),
            AcceptedUnixMs = time.GetUtcNow().ToUnixTimeMilliseconds(),
            SentAfterMs = (int)(fate.Latency + fate.SentAfter).TotalMilliseconds,
            FinalAfterMs = (int)(fate.Latency + fate.FinalAfter).TotalMilliseconds,
            Posts = 1,
            Segments = (short)Segments.Count(request.Body),
            Outcome = outcome,
            FromMessagingService = request.MessagingServiceSid is not null,
        };

        var repeated = log.Accept(ref message, policy);
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
        var uri = $"/{Version}/Accounts/{_accountSid}/Messages/{sid}";
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

    private Task RefuseAsync(HttpContext context, TwilioError error)
    {
        stats.CountPost(PostResult.Refused);
        return WriteAsync(context, error);
    }

    private async ValueTask DelayAsync(TimeSpan latency, CancellationToken aborted)
    {
        if (latency > TimeSpan.Zero)
        {
            await Task.Delay(latency, time, aborted).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private static Task WriteAsync(HttpContext context, TwilioError error)
    {
        switch (error.Status)
        {
            case StatusCodes.Status401Unauthorized:
                context.Response.Headers.WWWAuthenticate = "Basic realm=\"Twilio API\"";
                break;
            case StatusCodes.Status429TooManyRequests:
                context.Response.Headers.RetryAfter = "1";
                break;
        }

        return WriteAsync(context, error.Status, JsonSerializer.SerializeToUtf8Bytes(error, TwilioJson.Plain.TwilioError));
    }

    private static Task WriteAsync(HttpContext context, int status, byte[] body)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = "application/json";
        context.Response.ContentLength = body.Length;
        return context.Response.Body.WriteAsync(body, context.RequestAborted).AsTask();
    }
}
