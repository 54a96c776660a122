using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;

using Microsoft.AspNetCore.Http;

using SmsGateway.Api.Errors;

namespace SmsGateway.Tests.Edge;

/// <summary>What the edge passes on, what it keeps out, and what it writes down.</summary>
public sealed class EdgeRequestsIntegrationTests
{
    private const string Number = "447700900123";

    [Fact]
    public async Task A_request_without_a_name_gets_one_that_the_API_sees_but_not_as_a_promise_of_the_client()
    {
        await using var api = await ScriptedApi.StartAsync();
        await using var edge = await EdgeUnderTest.StartAsync([api.Port]);

        using var answer = await edge.ClientFrom("127.0.0.1").ReadAsync(ScriptedApi.RightKey);

        var seen = Assert.Single(api.Requests);
        Assert.Equal(Assert.Single(answer.Headers.GetValues("X-Request-ID")), seen.Headers["X-Correlation-ID"]);
        Assert.DoesNotContain("X-Request-ID", seen.Headers.Keys);
    }

    [Fact]
    public async Task A_request_with_a_name_keeps_it()
    {
        await using var api = await ScriptedApi.StartAsync();
        await using var edge = await EdgeUnderTest.StartAsync([api.Port]);

        using var answer = await edge.ClientFrom("127.0.0.1").CallAsync(HttpMethod.Get, "/", ScriptedApi.RightKey, requestId: "order-7");

        var seen = Assert.Single(api.Requests);
        Assert.Equal(["order-7", "order-7", "order-7"], [Assert.Single(answer.Headers.GetValues("X-Request-ID")), seen.Headers["X-Request-ID"], seen.Headers["X-Correlation-ID"]]);
    }

    [Theory]
    [InlineData("", "127.0.0.1")]
    [InlineData("set_real_ip_from 127.0.0.0/8;", "203.0.113.9")]
    public async Task Where_a_request_came_from_is_believed_of_trusted_proxies_only(string trusted, string address)
    {
        await using var api = await ScriptedApi.StartAsync();
        await using var edge = await EdgeUnderTest.StartAsync([api.Port], ("EDGE_TRUSTED_PROXIES", trusted));
        using var request = new HttpRequestMessage(HttpMethod.Get, "/");
        request.Headers.Add("X-Forwarded-For", "198.51.100.1, 203.0.113.9");

        using var answer = await edge.ClientFrom("127.0.0.1").SendAsync(request);

        Assert.Equal(address, Assert.Single(api.Requests).Headers["X-Forwarded-For"]);
    }

    [Theory]
    [InlineData("/metrics")]
    [InlineData("/Metrics/")]
    [InlineData("/%6detrics")]
    [InlineData("//metrics")]
    [InlineData("/x/../metrics")]
    [InlineData("/metrics%2f")]
    [InlineData("/admin/keys")]
    [InlineData("/API/Admin")]
    public async Task What_is_for_operators_is_not_found_by_any_spelling(string path)
    {
        await using var api = await ScriptedApi.StartAsync();
        await using var edge = await EdgeUnderTest.StartAsync([api.Port]);

        string answer = await TalkAsync(edge, $"GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");

        Assert.StartsWith("HTTP/1.1 404", answer, StringComparison.Ordinal);
        Assert.Contains("application/problem+json", answer, StringComparison.Ordinal);
        Assert.Empty(api.Requests);
    }

    [Theory]
    [InlineData("GET / HTTP/1.1\r\nHost: x\r\nX-Long: LONG\r\nConnection: close\r\n\r\n", "HTTP/1.1 431")]
    [InlineData("GET /?LONG HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", "HTTP/1.1 414")]
    [InlineData("NONSENSE\r\n\r\n", "HTTP/1.1 400")]
    [InlineData("GET / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n0\r\n\r\n", "HTTP/1.1 400")]
    [InlineData("POST /api/sms/send/ HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999\r\nConnection: close\r\n\r\n", "HTTP/1.1 413")]
    public async Task What_is_too_large_or_no_HTTP_is_a_problem_that_the_API_never_sees(string request, string status)
    {
        await using var api = await ScriptedApi.StartAsync();
        await using var edge = await EdgeUnderTest.StartAsync([api.Port]);

        string answer = await TalkAsync(edge, request.Replace("LONG", new string('a', 9_000), StringComparison.Ordinal));

        Assert.StartsWith(status, answer, StringComparison.Ordinal);
        Assert.Contains("application/problem+json", answer, StringComparison.Ordinal);
        Assert.Empty(api.Requests);
    }

    [Theory]
    [InlineData("GET / HTTP/1.1\r\nHost: x\r\nX-Slow: ")]
    [InlineData("POST /api/sms/send/ HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\n{")]
    public async Task A_client_that_stops_in_the_middle_is_dropped_after_its_time_and_the_API_never_sees_it(string beginning)
    {
        await using var api = await ScriptedApi.StartAsync();
        await using var edge = await EdgeUnderTest.StartAsync([api.Port], ("EDGE_CLIENT_SECONDS", "1"));
        long start = TimeProvider.System.GetTimestamp();

        Assert.Equal("", await TalkAsync(edge, beginning));

        Assert.InRange(TimeProvider.System.GetElapsedTime(start).TotalSeconds, 0.9, 20);
        Assert.Empty(api.Requests);
    }

    [Theory]
    [InlineData(StatusCodes.Status400BadRequest)]
    [InlineData(StatusCodes.Status402PaymentRequired)]
    [InlineData(StatusCodes.Status404NotFound)]
    [InlineData(StatusCodes.Status429TooManyRequests)]
    [InlineData(StatusCodes.Status500InternalServerError)]
    [InlineData(StatusCodes.Status503ServiceUnavailable)]
    public async Task What_the_API_answers_passes_as_it_is(int status)
    {
        await using var api = await ScriptedApi.StartAsync(context =>
        {
            context.Response.StatusCode = status;
            context.Response.Headers.RetryAfter = "17";
            return context.Response.WriteAsync("the API's own words");
        });
        await using var edge = await EdgeUnderTest.StartAsync([api.Port]);

        using var answer = await edge.ClientFrom("127.0.0.1").SendAsync(ScriptedApi.RightKey);

        Assert.Equal((status, "17", "the API's own words"), ((int)answer.StatusCode, answer.Headers.RetryAfter?.ToString(), await answer.Content.ReadAsStringAsync()));
    }

    [Fact]
    public async Task A_replica_that_is_down_is_left_out_and_connections_to_the_other_are_kept()
    {
        const int Calls = 60;
        // Nobody listens on port 1.
        await using var api = await ScriptedApi.StartAsync();
        await using var edge = await EdgeUnderTest.StartAsync([1, api.Port]);
        var client = edge.ClientFrom("127.0.0.1");

        for (int call = 0; call < Calls; call++)
        {
            using var answer = await client.SendAsync(ScriptedApi.RightKey);
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        }

        Assert.Equal(Calls, api.Requests.Count);
        Assert.Single(api.Requests.Select(request => request.Connection).Distinct());
    }

    [Fact]
    public async Task Without_any_replica_the_answer_is_503_with_the_time_to_wait_and_one_line_of_the_log()
    {
        await using var edge = await EdgeUnderTest.StartAsync([1], ("EDGE_LOG_FAILURES", "1"));

        using var answer = await edge.ClientFrom("127.0.0.1").SendAsync(ScriptedApi.RightKey);

        await answer.AssertProblemAsync(HttpStatusCode.ServiceUnavailable, ProblemTypes.Unavailable.Uri, retryAfterSeconds: 1);
        var line = JsonElement.Parse(Assert.Single(await edge.AccessLogAsync(atLeast: 1)));
        Assert.Equal((503, "127.0.0.1:1"), (line.GetProperty("status").GetInt32(), line.GetProperty("upstream").GetString()));
    }

    [Fact]
    public async Task The_log_has_no_key_no_number_and_no_query()
    {
        const string MessagePath = "/api/sms/messages/019aaf6e-7d5c-7000-8000-000000000000";
        await using var api = await ScriptedApi.StartAsync();
        await using var edge = await EdgeUnderTest.StartAsync([api.Port], ("EDGE_LOG_OTHERS", "1"));
        var client = edge.ClientFrom("127.0.0.1");
        string[] paths = [$"{MessagePath}/?to={Number}", $"/api/sms/messages/{Number}/", $"/api/sms/messages/?recipient=%2B{Number}", $"/{ScriptedApi.RightKey}"];

        foreach (string path in paths)
        {
            using var answer = await client.CallAsync(HttpMethod.Get, path, ScriptedApi.RightKey, requestId: $"+{Number}");
        }

        using var named = await client.CallAsync(HttpMethod.Get, "/", ScriptedApi.RightKey, requestId: "\"},{\"injected\":\"");
        using var refused = await client.CallAsync(HttpMethod.Get, "/", ScriptedApi.WrongKey, requestId: "order-7");
        string[] lines = await edge.AccessLogAsync(atLeast: paths.Length + 2);
        Assert.All(lines, line =>
        {
            Assert.DoesNotContain(Number, line, StringComparison.Ordinal);
            Assert.DoesNotContain("-key-", line, StringComparison.Ordinal);
            Assert.DoesNotContain("?", line, StringComparison.Ordinal);
            Assert.DoesNotContain("injected", line, StringComparison.Ordinal);
        });
        var entries = lines.Select(line => JsonElement.Parse(line)).ToList();
        Assert.Equal([MessagePath, "(hidden)", "/api/sms/messages/", "(hidden)", "/", "/"], entries.Select(entry => entry.GetProperty("path").GetString()));
        Assert.Equal("order-7", entries[^1].GetProperty("request_id").GetString());
        Assert.Equal(401, entries[^1].GetProperty("status").GetInt32());
    }

    /// <summary>Writes a request, or the beginning of one, and reads until the edge ends the connection; empty where it does so without a word.</summary>
    private static async Task<string> TalkAsync(EdgeUnderTest edge, string request)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        using var socket = await edge.ConnectAsync();
        await socket.SendAsync(Encoding.ASCII.GetBytes(request), limit.Token);
        var answer = new StringBuilder();
        byte[] buffer = new byte[4_096];
        try
        {
            while (await socket.ReceiveAsync(buffer, limit.Token) is > 0 and var read)
            {
                answer.Append(Encoding.ASCII.GetString(buffer, 0, read));
            }
        }
        catch (SocketException reset) when (reset.SocketErrorCode == SocketError.ConnectionReset)
        {
            // That is an end, too.
        }

        return answer.ToString();
    }
}
