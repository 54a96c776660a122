using System.Net;
using System.Text.Json;

using SmsGateway.Api.Errors;
using SmsGateway.Tests.EndToEnd;

namespace SmsGateway.Tests.Edge;

/// <summary>Key guessing: wrong keys are counted by address, and one that shows too many is refused before the API is asked.</summary>
public sealed class EdgeGuessingIntegrationTests
{
    private const int Burst = 4;
    private const string Guesser = "127.0.0.3";
    private const string Neighbour = "127.0.0.4";

    private static readonly (string, string)[] Few = [("EDGE_FAILED_RATE", "1r/m"), ("EDGE_FAILED_BURST", "4")];

    [Fact]
    public async Task Wrong_keys_up_to_the_burst_are_401_as_the_API_says_it_and_then_the_address_is_refused_with_any_key()
    {
        await using var api = await ScriptedApi.StartAsync();
        await using var edge = await EdgeUnderTest.StartAsync([api.Port], Few);
        var guesser = edge.ClientFrom(Guesser);
        for (int guess = 0; guess <= Burst; guess++)
        {
            // Another one each time: the bucket is the address's, not the key's.
            using var refused = guess % 2 == 0
                ? await guesser.ReadAsync($"wrong-{guess}-0123456789-0123456789-0123456789")
                : await guesser.SendAsync($"wrong-{guess}-0123456789-0123456789-0123456789");
            await refused.AssertProblemAsync(HttpStatusCode.Unauthorized, ProblemTypes.Unauthorized.Uri);
            Assert.Equal("ApiKey header=\"X-Api-Key\"", refused.Headers.WwwAuthenticate.ToString());
            var body = JsonElement.Parse(await refused.Content.ReadAsStringAsync());
            Assert.Equal(ProblemTypes.Unauthorized.Title, body.GetProperty("title").GetString());
        }

        using var over = await guesser.ReadAsync(ScriptedApi.WrongKey);
        await over.AssertProblemAsync(HttpStatusCode.TooManyRequests, ProblemTypes.TooManyRequests.Uri, retryAfterSeconds: 60);
        int asked = api.Requests.Count;
        foreach (string key in new[] { ScriptedApi.WrongKey, ScriptedApi.RightKey })
        {
            using var read = await guesser.ReadAsync(key);
            using var send = await guesser.SendAsync(key);
            await read.AssertProblemAsync(HttpStatusCode.TooManyRequests, ProblemTypes.TooManyRequests.Uri, retryAfterSeconds: 60);
            await send.AssertProblemAsync(HttpStatusCode.TooManyRequests, ProblemTypes.TooManyRequests.Uri, retryAfterSeconds: 60);
        }

        Assert.Equal(asked, api.Requests.Count);
    }

    [Fact]
    public async Task A_refused_address_does_not_hinder_its_neighbours_nor_receipts_and_health()
    {
        await using var api = await ScriptedApi.StartAsync();
        await using var edge = await EdgeUnderTest.StartAsync([api.Port], Few);
        await GuessAsync(edge);

        Assert.Equal(HttpStatusCode.OK, (await edge.ClientFrom(Neighbour).ReadAsync(ScriptedApi.RightKey)).StatusCode);
        foreach (string path in new[] { "/alive", "/health/", "/api/docs/", "/api/receipts/twilio/x/y" })
        {
            Assert.Equal(HttpStatusCode.OK, (await edge.ClientFrom(Guesser).CallAsync(HttpMethod.Get, path)).StatusCode);
        }
    }

    [Fact]
    public async Task A_refused_address_is_served_again_after_the_time_in_Retry_After()
    {
        await using var api = await ScriptedApi.StartAsync();
        await using var edge = await EdgeUnderTest.StartAsync([api.Port], [.. Few, ("EDGE_BLOCK_SECONDS", "1")]);
        long start = TimeProvider.System.GetTimestamp();
        await GuessAsync(edge);

        await Until.CompleteAsync(TimeSpan.FromSeconds(20), async () =>
        {
            using var answer = await edge.ClientFrom(Guesser).ReadAsync(ScriptedApi.RightKey);
            return answer.StatusCode == HttpStatusCode.OK ? "" : $"{answer.StatusCode}";
        });
        // Nginx counts whole seconds.
        Assert.InRange(TimeProvider.System.GetElapsedTime(start).TotalSeconds, 0.9, 20);
    }

    /// <summary>Requests of the same address that end meanwhile must not make the edge forget that it is refused.</summary>
    [Fact]
    public async Task A_refused_address_stays_refused_when_its_earlier_requests_end()
    {
        var release = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var api = await ScriptedApi.StartAsync(_ => release.Task);
        await using var edge = await EdgeUnderTest.StartAsync([api.Port], Few);
        var earlier = Enumerable.Range(0, 3).Select(_ => edge.ClientFrom(Guesser).ReadAsync(ScriptedApi.RightKey)).ToList();
        await Until.CompleteAsync(TimeSpan.FromSeconds(20), () => Task.FromResult(api.Requests.Count == 3 ? "" : "the API has not all"));
        await GuessAsync(edge);
        release.SetResult();
        Assert.All(await Task.WhenAll(earlier), answer => Assert.Equal(HttpStatusCode.OK, answer.StatusCode));

        Assert.Equal(HttpStatusCode.TooManyRequests, (await edge.ClientFrom(Guesser).ReadAsync(ScriptedApi.RightKey)).StatusCode);
    }

    /// <summary>Until the edge refuses, which must be after one guess more than the bucket holds.</summary>
    private static async Task GuessAsync(EdgeUnderTest edge)
    {
        for (int guess = 0; guess <= Burst; guess++)
        {
            Assert.Equal(HttpStatusCode.Unauthorized, (await edge.ClientFrom(Guesser).ReadAsync(ScriptedApi.WrongKey)).StatusCode);
        }

        Assert.Equal(HttpStatusCode.TooManyRequests, (await edge.ClientFrom(Guesser).ReadAsync(ScriptedApi.WrongKey)).StatusCode);
    }
}
