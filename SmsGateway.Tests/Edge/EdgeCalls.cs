using System.Net;
using System.Text.Json;

namespace SmsGateway.Tests.Edge;

/// <summary>What clients ask of the edge, and what they expect of its own answers.</summary>
internal static class EdgeCalls
{
    private const string SendPath = "/api/sms/send/";
    private const string ReadPath = "/api/credits/balance/";

    public static Task<HttpResponseMessage> SendAsync(this HttpClient client, string? key, HttpContent? body = null) =>
        client.CallAsync(HttpMethod.Post, SendPath, key, body ?? new StringContent("{}"));

    public static Task<HttpResponseMessage> ReadAsync(this HttpClient client, string? key) => client.CallAsync(HttpMethod.Get, ReadPath, key);

    public static async Task<HttpResponseMessage> CallAsync(
        this HttpClient client, HttpMethod method, string path, string? key = null, HttpContent? body = null, string? requestId = null)
    {
        using var request = new HttpRequestMessage(method, path) { Content = body };
        if (key is not null)
        {
            request.Headers.Add("X-Api-Key", key);
        }

        if (requestId is not null)
        {
            request.Headers.Add("X-Request-ID", requestId);
        }

        return await client.SendAsync(request);
    }

    /// <summary>The answer is a problem of this type, as the API's own are.</summary>
    public static async Task AssertProblemAsync(this HttpResponseMessage answer, HttpStatusCode status, string type, int? retryAfterSeconds = null)
    {
        Assert.Equal(status, answer.StatusCode);
        Assert.Equal("application/problem+json", answer.Content.Headers.ContentType?.MediaType);
        Assert.Equal(retryAfterSeconds, answer.Headers.RetryAfter?.Delta?.TotalSeconds is { } seconds ? (int)seconds : null);
        Assert.Single(answer.Headers.GetValues("X-Request-ID"));
        var body = JsonElement.Parse(await answer.Content.ReadAsStringAsync());
        Assert.Equal(type, body.GetProperty("type").GetString());
        Assert.Equal((int)status, body.GetProperty("status").GetInt32());
    }
}
