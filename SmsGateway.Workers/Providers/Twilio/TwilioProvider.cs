using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text;

using SmsGateway.Core.Messages;
using SmsGateway.Core.Providers;

namespace SmsGateway.Workers.Providers.Twilio;

/// <summary>
/// Twilio's Messages API (https://www.twilio.com/docs/messaging/api/message-resource#create-a-message-resource). A real account works by
/// configuration alone: address <c>https://api.twilio.com</c>, its SID, token and sender.
/// </summary>
internal sealed class TwilioProvider : IProvider
{
    private const string IdempotencyHeader = "I-Twilio-Idempotency-Token";
    private const int MinValiditySeconds = 1;
    private const int MaxValiditySeconds = 36_000;

    private readonly ProviderOptions _options;
    private readonly HttpClient _http;
    private readonly TimeProvider _time;
    private readonly Uri _messages;
    private readonly string? _callbackPrefix;
    private readonly AuthenticationHeaderValue _authorization;
    private readonly AccountStanding _standing;

    /// <param name="options">A valid provider of kind <c>twilio</c>.</param>
    /// <param name="publicUrl">The gateway as Twilio sees it; null: no receipts.</param>
    /// <param name="http">Sends once and follows no redirects.</param>
    /// <param name="time">Tells the validity that is left.</param>
    /// <param name="log">Hears of an account that is refused.</param>
    public TwilioProvider(ProviderOptions options, Uri? publicUrl, HttpClient http, TimeProvider time, ILogger<TwilioProvider> log)
    {
        _options = options;
        _http = http;
        _time = time;
        _standing = new AccountStanding(options.Name, log);
        _messages = new Uri(HttpAddress.Append(options.Address!, $"/2010-04-01/Accounts/{options.AccountSid}/Messages.json"));
        _callbackPrefix = publicUrl is null ? null : HttpAddress.Append(publicUrl, $"/api/receipts/twilio/{options.Name}/");
        string credentials = Convert.ToBase64String(Encoding.UTF8.GetBytes($"{options.AccountSid}:{options.AuthToken}"));
        _authorization = new AuthenticationHeaderValue("Basic", credentials);
    }

    public async Task<SendResult> SendAsync(QueuedMessage message, Departure departure, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, _messages) { Content = WriteForm(message, departure) };
        request.Headers.Authorization = _authorization;
        if (_options.HonoursIdempotencyKey)
        {
            request.Headers.TryAddWithoutValidation(IdempotencyHeader, message.Id.ToString("D"));
        }

        return await ProviderHttp.SendAsync(_http, request, departure, Interpret, cancellationToken);
    }

    private FormContent WriteForm(QueuedMessage message, Departure departure)
    {
        Span<char> id = stackalloc char[36];
        message.Id.TryFormat(id, out _, "D");
        Span<char> seconds = stackalloc char[11];
        double left = Math.Clamp((message.ValidUntil - _time.GetUtcNow()).TotalSeconds, MinValiditySeconds, MaxValiditySeconds);
        ((int)left).TryFormat(seconds, out int digits, provider: CultureInfo.InvariantCulture);

        var form = new FormContent(departure);
        form.Add("To"u8, message.Recipient);
        if ((message.Sender ?? _options.From) is { Length: > 0 } sender)
        {
            form.Add("From"u8, sender);
        }
        else
        {
            form.Add("MessagingServiceSid"u8, _options.MessagingServiceSid);
        }

        form.Add("Body"u8, message.Text);
        if (_callbackPrefix is not null)
        {
            form.Add("StatusCallback"u8, _callbackPrefix);
            form.Append(id);
            form.Append(ReceiptTrace.Query);
        }

        form.Add("ValidityPeriod"u8, seconds[..digits]);
        return form;
    }

    private SendResult Interpret(HttpResponseMessage response, ReadOnlySpan<byte> body)
    {
        int status = (int)response.StatusCode;
        if (response.IsSuccessStatusCode)
        {
            _standing.Accepted();
            return TwilioJson.ReadSid(body) is { } sid ? new SendResult.Accepted(sid) : new SendResult.Unknown(ProviderHttp.MalformedAnswer);
        }

        int? code = TwilioJson.ReadErrorCode(body);
        if (response.StatusCode is HttpStatusCode.TooManyRequests || code is TwilioErrorCodes.TooManyRequests)
        {
            return new SendResult.Busy(ProviderHttp.RetryAfter(response, _time));
        }

        if (response.StatusCode is HttpStatusCode.Unauthorized || (code is { } known && TwilioErrorCodes.Account.Contains(known)))
        {
            _standing.Refused(status, code?.ToString(CultureInfo.InvariantCulture));
            return new SendResult.Unavailable("account_refused");
        }

        return (status, code) switch
        {
            (503, _) => new SendResult.Unavailable("http_503", ProviderHttp.RetryAfter(response, _time)),
            // What failed inside may have failed after the message was taken, whatever code it bears.
            ( >= 500, _) => new SendResult.Unknown($"http_{status}"),
            ( >= 400, { } refusal) => new SendResult.Refused(
                refusal.ToString(CultureInfo.InvariantCulture),
                TwilioErrorCodes.Message.Contains(refusal) ? RefusalScope.Message : RefusalScope.Route),
            // A redirect, or an error page of something that stands before the API: the API itself has not seen the message.
            _ => new SendResult.Unavailable($"http_{status}"),
        };
    }
}
