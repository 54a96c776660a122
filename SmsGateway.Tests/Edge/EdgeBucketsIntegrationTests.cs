using System.Net;

namespace SmsGateway.Tests.Edge;

/// <summary>The leaky buckets: how many requests pass, whose they are, and what the others are answered.</summary>
public sealed class EdgeBucketsIntegrationTests
{
    private const string OtherKey = "other-key-abcdefghij-abcdefghij-abcdefghij";
    private const string Problem = "/problems/too-many-requests";

    /// <summary>So slow that nothing runs out of a bucket in a test's time.</summary>
    private const string Never = "1r/m";

    [Fact]
    public async Task Sends_at_once_pass_by_one_more_than_the_burst_and_the_others_are_429_with_the_time_to_wait()
    {
        const int Burst = 9;
        const int Sends = 40;
        await using var api = await ScriptedApi.StartAsync();
        await using var edge = await EdgeUnderTest.StartAsync([api.Port], ("EDGE_SEND_RATE", Never), ("EDGE_SEND_BURST", "9"), ("EDGE_SEND_RETRY", "60"));
        var client = edge.ClientFrom("127.0.0.1");

        var answers = await Task.WhenAll(Enumerable.Range(0, Sends).Select(_ => client.SendAsync(ScriptedApi.RightKey)));

        Assert.Equal(Burst + 1, answers.Count(answer => answer.StatusCode == HttpStatusCode.OK));
        Assert.Equal(Burst + 1, api.Requests.Count);
        foreach (var refused in answers.Where(answer => answer.StatusCode != HttpStatusCode.OK))
        {
            await refused.AssertProblemAsync(HttpStatusCode.TooManyRequests, Problem, retryAfterSeconds: 60);
        }
    }

    /// <summary>
    /// One request follows another, faster than the bucket empties. Nginx admits the burst and what has run out meanwhile: at most the rate times
    /// the time from the first request to the last, at least that without the pauses in which the machine did something else.
    /// </summary>
    [Fact]
    public async Task Reads_for_a_second_pass_by_burst_and_rate()
    {
        const int PerSecond = 100;
        const int Burst = 20;
        var pause = TimeSpan.FromSeconds(Burst / 2.0 / PerSecond);
        await using var api = await ScriptedApi.StartAsync();
        await using var edge = await EdgeUnderTest.StartAsync([api.Port], ("EDGE_READ_RATE", "100r/s"), ("EDGE_READ_BURST", "20"));
        var client = edge.ClientFrom("127.0.0.1");

        var clock = TimeProvider.System;
        long start = clock.GetTimestamp();
        var (before, elapsed, paused) = (TimeSpan.Zero, TimeSpan.Zero, TimeSpan.Zero);
        int passed = 0;
        while (elapsed - paused < TimeSpan.FromSeconds(1))
        {
            using var answer = await client.ReadAsync(ScriptedApi.RightKey);
            passed += answer.StatusCode == HttpStatusCode.OK ? 1 : 0;
            elapsed = clock.GetElapsedTime(start);
            paused += elapsed - before > pause ? elapsed - before : TimeSpan.Zero;
            before = elapsed;
        }

        Assert.InRange(passed, 1 + Burst + (PerSecond * (elapsed - paused).TotalSeconds) - 2, 1 + Burst + (PerSecond * elapsed.TotalSeconds) + 1);
    }

    [Fact]
    public async Task A_full_bucket_is_that_of_one_key_wherever_its_requests_come_from()
    {
        await using var api = await ScriptedApi.StartAsync();
        await using var edge = await EdgeUnderTest.StartAsync([api.Port], ("EDGE_SEND_RATE", Never), ("EDGE_SEND_BURST", "1"));
        var client = edge.ClientFrom("127.0.0.1");
        await client.SendAsync(ScriptedApi.RightKey);
        await client.SendAsync(ScriptedApi.RightKey);

        Assert.Equal(HttpStatusCode.TooManyRequests, (await edge.ClientFrom("127.0.0.2").SendAsync(ScriptedApi.RightKey)).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await client.SendAsync(OtherKey)).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await client.ReadAsync(ScriptedApi.RightKey)).StatusCode);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("too short")]
    public async Task Who_shows_no_key_has_the_bucket_of_the_address(string? key)
    {
        await using var api = await ScriptedApi.StartAsync();
        await using var edge = await EdgeUnderTest.StartAsync([api.Port], ("EDGE_SEND_RATE", Never), ("EDGE_SEND_BURST", "1"));
        var client = edge.ClientFrom("127.0.0.1");
        await client.SendAsync(key);
        await client.SendAsync(key);

        Assert.Equal(HttpStatusCode.TooManyRequests, (await client.SendAsync(key)).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await edge.ClientFrom("127.0.0.2").SendAsync(key)).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await client.SendAsync(ScriptedApi.RightKey)).StatusCode);
    }

    [Fact]
    public async Task Send_by_another_spelling_of_its_path_fills_the_same_bucket()
    {
        await using var api = await ScriptedApi.StartAsync();
        await using var edge = await EdgeUnderTest.StartAsync([api.Port], ("EDGE_SEND_RATE", Never), ("EDGE_SEND_BURST", "1"));
        var client = edge.ClientFrom("127.0.0.1");
        await client.SendAsync(ScriptedApi.RightKey);
        await client.SendAsync(ScriptedApi.RightKey);

        foreach (string path in new[] { "/api/sms/send", "/API/SMS/Send/", "/api/sms/%73end/", "/api//sms/send/", "/api/sms/bulk/" })
        {
            using var answer = await client.CallAsync(HttpMethod.Post, path, ScriptedApi.RightKey);
            Assert.Equal((path, HttpStatusCode.TooManyRequests), (path, answer.StatusCode));
        }
    }

    [Fact]
    public async Task Requests_of_one_address_beyond_its_connections_are_429()
    {
        var release = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var api = await ScriptedApi.StartAsync(_ => release.Task);
        await using var edge = await EdgeUnderTest.StartAsync([api.Port], ("EDGE_CONNECTIONS", "2"));
        var client = edge.ClientFrom("127.0.0.1");
        Task<HttpResponseMessage>[] open = [client.SendAsync(ScriptedApi.RightKey), client.ReadAsync(OtherKey)];
        await EndToEnd.Until.CompleteAsync(TimeSpan.FromSeconds(20), () => Task.FromResult(api.Requests.Count == 2 ? "" : "the API has not both"));

        using var third = await client.ReadAsync(ScriptedApi.RightKey);
        await third.AssertProblemAsync(HttpStatusCode.TooManyRequests, Problem, retryAfterSeconds: 1);
        var neighbour = edge.ClientFrom("127.0.0.2").ReadAsync(ScriptedApi.RightKey);
        release.SetResult();

        Assert.Equal(HttpStatusCode.OK, (await neighbour).StatusCode);
        Assert.All(await Task.WhenAll(open), answer => Assert.Equal(HttpStatusCode.OK, answer.StatusCode));
    }
}
