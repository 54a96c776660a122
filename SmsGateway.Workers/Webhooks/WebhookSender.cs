using System.Globalization;
using System.Net;
using System.Net.Http.Headers;

using Microsoft.Extensions.Options;

namespace SmsGateway.Workers.Webhooks;

/// <summary>What came of a call.</summary>
/// <param name="Kind">What is to be done with the event.</param>
/// <param name="Reason">Why it was not told: one of a fixed few words, or an HTTP status; null where it was.</param>
/// <param name="RetryAfter">How long the receiver asked to be left alone.</param>
internal readonly record struct WebhookAnswer(WebhookAnswerKind Kind, string? Reason = null, TimeSpan? RetryAfter = null);

internal enum WebhookAnswerKind
{
    /// <summary>2xx.</summary>
    Delivered,

    /// <summary>Anything else, redirects too: to be told again.</summary>
    Failed,

    /// <summary>410: the receiver wants no more of it.</summary>
    Gone,

    /// <summary>It may never be called; nothing was sent.</summary>
    Refused,
}

/// <summary>Makes one call, as Standard Webhooks says. Bounded in time, and in what is read of the answer.</summary>
internal sealed class WebhookSender(
    WebhookTargets targets, WebhookConnections connections, IOptions<WebhookOptions> options, TimeProvider clock, ILogger<WebhookSender> log) : IDisposable
{
    private const string Agent = "SmsGateway-Webhooks/1";

    private readonly HttpMessageInvoker _client = connections.Create();

    public void Dispose() => _client.Dispose();

    public async Task<WebhookAnswer> SendAsync(WebhookEvent what)
    {
        if (targets.WhyNot(what.Url, out var url) is { } refusal)
        {
            return new(WebhookAnswerKind.Refused, refusal);
        }

        using var limit = new CancellationTokenSource(options.Value.AttemptTimeout);
        try
        {
            using var request = Request(url!, what);
            using var response = await _client.SendAsync(request, limit.Token);
            return Judge(response);
        }
        catch (OperationCanceledException) when (limit.IsCancellationRequested)
        {
            return Failed("timeout");
        }
        catch (HttpRequestException error)
        {
            return Failed(Describe(error));
        }
#pragma warning disable CA1031 // Whatever one address does to the client, the others must be told; the event is tried again and given up in the end.
        catch (Exception error)
#pragma warning restore CA1031
        {
            Log.WebhookBroken(log, what.Id, error);
            return Failed("internal_error");
        }
    }

    private HttpRequestMessage Request(Uri url, WebhookEvent what)
    {
        byte[] body = what.Body();
        long now = clock.GetUtcNow().ToUnixTimeSeconds();
        var request = new HttpRequestMessage(HttpMethod.Post, url) { Content = new ByteArrayContent(body) };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        request.Headers.Add("User-Agent", Agent);
        request.Headers.Add("webhook-id", what.Id);
        request.Headers.Add("webhook-timestamp", now.ToString(CultureInfo.InvariantCulture));
        request.Headers.Add("webhook-signature", string.Join(' ', what.Secrets.Select(secret => secret.Sign(what.Id, now, body))));
        return request;
    }

    private WebhookAnswer Judge(HttpResponseMessage response) => response.StatusCode switch
    {
        _ when response.IsSuccessStatusCode => new(WebhookAnswerKind.Delivered),
        HttpStatusCode.Gone => new(WebhookAnswerKind.Gone, "http_410"),
        var status => new(WebhookAnswerKind.Failed, string.Create(CultureInfo.InvariantCulture, $"http_{(int)status}"), RetryAfter(response)),
    };

    private TimeSpan? RetryAfter(HttpResponseMessage response) =>
        response.Headers.RetryAfter is { } after ? after.Delta ?? after.Date - clock.GetUtcNow() : null;

    private static WebhookAnswer Failed(string reason) => new(WebhookAnswerKind.Failed, reason);

    private static string Describe(HttpRequestException error) => error.InnerException is TargetRefusedException
        ? "address_not_allowed"
        : error.HttpRequestError switch
        {
            HttpRequestError.NameResolutionError => "dns",
            HttpRequestError.ConnectionError => "connect",
            HttpRequestError.SecureConnectionError => "tls",
            _ => "protocol",
        };
}
