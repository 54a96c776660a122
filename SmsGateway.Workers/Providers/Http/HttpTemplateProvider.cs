using System.Globalization;
using System.Text.Json;

using SmsGateway.Core.Messages;
using SmsGateway.Core.Providers;
using SmsGateway.Core.Text;

namespace SmsGateway.Workers.Providers.Http;

/// <summary>A provider of any maker, by the templates of its configuration (<see cref="HttpTemplateOptions"/>).</summary>
internal sealed class HttpTemplateProvider : IProvider
{
    private readonly ProviderOptions _options;
    private readonly HttpTemplateOptions _http;
    private readonly Uri? _publicUrl;
    private readonly HttpClient _client;
    private readonly TimeProvider _time;
    private readonly AccountStanding _standing;
    private readonly HttpMethod _method;
    private readonly Template _path;
    private readonly Template _body;
    private readonly Template _lookUpPath;
    private readonly List<(string Name, Template Value)> _headers;

    /// <param name="options">A valid provider of kind <c>http</c>.</param>
    /// <param name="publicUrl">The gateway as the provider sees it; null: no receipts.</param>
    /// <param name="client">Sends once and follows no redirects.</param>
    /// <param name="time">Tells the validity that is left.</param>
    /// <param name="log">Hears of an account that is refused.</param>
    public HttpTemplateProvider(
        ProviderOptions options, Uri? publicUrl, HttpClient client, TimeProvider time, ILogger<HttpTemplateProvider> log)
    {
        _options = options;
        _http = options.Http;
        _publicUrl = publicUrl;
        _client = client;
        _time = time;
        _standing = new AccountStanding(options.Name, log);
        _method = HttpMethod.Parse(_http.Method);
        _path = new Template(_http.Path, TemplateForm.Encoded);
        _body = new Template(_http.Body, HttpTemplateRules.FormOf(_http));
        _lookUpPath = new Template(_http.LookUpPath, TemplateForm.Encoded);
        _headers = [.. _http.Headers.Select(header => (header.Key, new Template(header.Value, TemplateForm.Plain)))];
    }

    public bool CanLookUp => _http.LookUpPath.Length > 0;

    public async Task<SendResult> SendAsync(QueuedMessage message, Departure departure, CancellationToken cancellationToken)
    {
        using var request = Write(_method, _path, message);
        request.Content = new DepartingContent(_body.Render(name => ValueOf(message, name)), _http.ContentType, departure);
        return await ProviderHttp.SendAsync(_client, request, departure, Interpret, cancellationToken);
    }

    public async Task<LookUp> LookUpAsync(QueuedMessage message, CancellationToken cancellationToken)
    {
        using var request = Write(HttpMethod.Get, _lookUpPath, message);
        try
        {
            return await ProviderHttp.AskAsync(_client, request, ReadLookUp, cancellationToken);
        }
        catch (Exception error) when (error is HttpRequestException or OperationCanceledException)
        {
            return new(LookUpState.Unclear);
        }
    }

    private HttpRequestMessage Write(HttpMethod method, Template path, QueuedMessage message)
    {
        var request = new HttpRequestMessage(method, HttpAddress.Append(_options.Address!, path.Render(name => ValueOf(message, name))));
        foreach (var (name, value) in _headers)
        {
            request.Headers.TryAddWithoutValidation(name, value.Render(placeholder => ValueOf(message, placeholder)));
        }

        return request;
    }

    private TemplateValue ValueOf(QueuedMessage message, string name) => name switch
    {
        "id" => new(message.Id.ToString("D")),
        "to" => new(message.Recipient),
        "to_digits" => new(message.Recipient.TrimStart('+')),
        "from" => new(message.Sender ?? _options.From),
        "text" => new(message.Text),
        "encoding" => new(message.Encoding.Name()),
        "segments" => new(message.Segments.ToString(CultureInfo.InvariantCulture), IsNumber: true),
        "validity_seconds" => new(
            Math.Max(1, (long)(message.ValidUntil - _time.GetUtcNow()).TotalSeconds).ToString(CultureInfo.InvariantCulture), IsNumber: true),
        "receipt_url" => new(
            _publicUrl is null ? null : ReceiptAddress.Of(_publicUrl, _options.Name, message.Id, _options.AuthToken) + ReceiptTrace.Query),
        "secret" => new(_options.AuthToken),
        _ => throw new InvalidOperationException($"the placeholder {{{name}}} stands for nothing"),
    };

    private SendResult Interpret(HttpResponseMessage response, ReadOnlySpan<byte> body)
    {
        int status = (int)response.StatusCode;
        var answer = JsonField.Parse(body);
        string? code = ErrorOf(answer);
        if (status == 429 || (code is not null && _http.TemporaryErrors.Contains(code)))
        {
            return new SendResult.Busy(ProviderHttp.RetryAfter(response, _time));
        }

        if (status == 401 || (status == 403 && code is null) || (code is not null && _http.AccountErrors.Contains(code)))
        {
            _standing.Refused(status, code);
            return new SendResult.Unavailable("account_refused");
        }

        return status switch
        {
            >= 200 and < 300 when code is null => Accepted(answer),
            503 => new SendResult.Unavailable("http_503", ProviderHttp.RetryAfter(response, _time)),
            // A conflict says that the first request with this key is still under way.
            >= 500 or 408 or 409 => new SendResult.Unknown($"http_{status}"),
            _ when code is not null => Refused(code),
            >= 400 when _http.ErrorField.Length == 0 => Refused($"http_{status}"),
            // A redirect, or an error page of something that stands before the API: the API itself has not seen the message.
            _ => new SendResult.Unavailable($"http_{status}"),
        };
    }

    private SendResult Accepted(JsonElement? answer)
    {
        _standing.Accepted();
        return JsonField.Read(answer, _http.IdField) is { } id
            ? new SendResult.Accepted(id)
            : new SendResult.Unknown(ProviderHttp.MalformedAnswer);
    }

    private SendResult.Refused Refused(string code) =>
        new(code, _http.MessageErrors.Contains(code) ? RefusalScope.Message : RefusalScope.Route);

    private LookUp ReadLookUp(HttpResponseMessage response, ReadOnlySpan<byte> body)
    {
        var answer = JsonField.Parse(body);
        string path = _http.LookUpIdField.Length > 0 ? _http.LookUpIdField : _http.IdField;
        return (int)response.StatusCode switch
        {
            >= 200 and < 300 when JsonField.Read(answer, path) is { } id => new(LookUpState.Taken, id),
            404 when ErrorOf(answer) == _http.LookUpNotFound => new(LookUpState.NotTaken),
            _ => new(LookUpState.Unclear),
        };
    }

    private string? ErrorOf(JsonElement? answer) =>
        JsonField.Read(answer, _http.ErrorField) is { } code && !_http.SuccessCodes.Contains(code) ? code : null;
}
