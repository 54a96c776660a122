using System.Net;
using System.Text.Json;

namespace SmsGateway.Tests.ProviderSimulator;

public sealed class FaultsIntegrationTests
{
    [Theory]
    [InlineData("+9994290001", HttpStatusCode.TooManyRequests, 20429)]
    [InlineData("+9995000001", HttpStatusCode.InternalServerError, 20500)]
    [InlineData("+9995030001", HttpStatusCode.ServiceUnavailable, 20503)]
    [InlineData("+9994000001", HttpStatusCode.BadRequest, 21610)]
    public async Task Post_magic_number_that_refuses_is_answered_so_and_not_accepted(string to, HttpStatusCode status, int code)
    {
        await using var simulator = await SimulatorUnderTest.StartAsync();

        using var response = await simulator.PostAsync(("To", to));

        await MessagesIntegrationTests.AssertErrorAsync(response, status, code);
        Assert.Equal((0, 1), await AcceptedAndRefusedAsync(simulator));
    }

    [Theory]
    [InlineData("+9991010001", 0)]
    [InlineData("+9991020001", 1)]
    [InlineData("+9991030001", 1)]
    public async Task Post_magic_number_that_breaks_the_connection_gives_no_whole_answer(string to, int accepted)
    {
        await using var simulator = await SimulatorUnderTest.StartAsync();

        await Assert.ThrowsAsync<HttpRequestException>(() => simulator.PostAsync(("To", to)));

        Assert.Equal((accepted, 1 - accepted), await AcceptedAndRefusedAsync(simulator));
    }

    [Fact]
    public async Task Post_half_answer_gives_a_201_whose_body_ends_early()
    {
        await using var simulator = await SimulatorUnderTest.StartAsync();
        using var request = SimulatorUnderTest.Request(("To", "+9991030001"));

        using var response = await simulator.Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);

        Assert.Equal(HttpStatusCode.Created, response.StatusCode);
        await Assert.ThrowsAnyAsync<Exception>(() => response.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task Post_wrong_json_is_a_whole_201_that_is_no_json()
    {
        await using var simulator = await SimulatorUnderTest.StartAsync();

        using var response = await simulator.PostAsync(("To", "+9991040001"));

        Assert.Equal(HttpStatusCode.Created, response.StatusCode);
        Assert.Equal("application/json", response.Content.Headers.ContentType?.MediaType);
        await Assert.ThrowsAnyAsync<JsonException>(() => SimulatorUnderTest.ReadJsonAsync(response));
        Assert.Equal((1, 0), await AcceptedAndRefusedAsync(simulator));
    }

    [Theory]
    [InlineData("+9991050001", 0)]
    [InlineData("+9991060001", 1)]
    public async Task Post_that_hangs_answers_nothing_until_the_client_gives_up(string to, int accepted)
    {
        await using var simulator = await SimulatorUnderTest.StartAsync();
        using var request = SimulatorUnderTest.Request(("To", to));
        using var patience = new CancellationTokenSource(TimeSpan.FromMilliseconds(200));

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => simulator.Client.SendAsync(request, patience.Token));

        Assert.Equal((accepted, 1 - accepted), await AcceptedAndRefusedAsync(simulator));
    }

    [Fact]
    public async Task Post_that_hangs_is_cut_at_the_limit()
    {
        await using var simulator = await SimulatorUnderTest.StartAsync(("Simulator:HangLimit", "00:00:00.1"));

        await Assert.ThrowsAsync<HttpRequestException>(() => simulator.PostAsync(("To", "+9991050001")));
    }

    [Fact]
    public async Task Post_with_latency_is_answered_not_before_it()
    {
        await using var simulator = await SimulatorUnderTest.StartAsync(
            ("Simulator:Faults:LatencyMin", "00:00:00.1"), ("Simulator:Faults:LatencyMax", "00:00:00.2"));
        var start = TimeProvider.System.GetTimestamp();

        using var response = await simulator.PostAsync();

        Assert.True(TimeProvider.System.GetElapsedTime(start) >= TimeSpan.FromMilliseconds(95));
    }

    [Fact]
    public async Task PutFaults_shares_then_same_seed_draws_the_same_answers()
    {
        const string Faults = """
            {"latencyMin":"00:00:00","latencyMax":"00:00:00","seed":7,"answers":{"tooManyRequests":0.3,"serverError":0.3}}
            """;
        await using var simulator = await SimulatorUnderTest.StartAsync();

        var runs = new List<HttpStatusCode[]>();
        for (var run = 0; run < 2; run++)
        {
            await simulator.PutFaultsAsync(Faults);
            var statuses = new HttpStatusCode[50];
            for (var n = 0; n < statuses.Length; n++)
            {
                using var response = await simulator.PostAsync();
                statuses[n] = response.StatusCode;
            }

            runs.Add(statuses);
        }

        Assert.Equal(runs[0], runs[1]);
        Assert.Equal(3, runs[0].Distinct().Count());
    }

    [Fact]
    public async Task PutFaults_number_rule_goes_before_the_draws()
    {
        await using var simulator = await SimulatorUnderTest.StartAsync();
        await simulator.PutFaultsAsync(
            """
            {
              "answers": {"serverError": 1},
              "numbers": [{"prefix": "+49151", "answer": "None"}, {"prefix": "+491519", "answer": "Refusal", "refusalCode": 21614}]
            }
            """);

        using var drawn = await simulator.PostAsync(("To", "+491601234567"));
        using var ruled = await simulator.PostAsync(("To", "+491511234567"));
        using var longer = await simulator.PostAsync(("To", "+491519234567"));

        Assert.Equal(HttpStatusCode.InternalServerError, drawn.StatusCode);
        Assert.Equal(HttpStatusCode.Created, ruled.StatusCode);
        await MessagesIntegrationTests.AssertErrorAsync(longer, HttpStatusCode.BadRequest, 21614);
    }

    [Theory]
    [InlineData("""{"answers":{"serverError":0.7,"refusal":0.7}}""", "1.4")]
    [InlineData("""{"answers":{"serverError":-0.1}}""", "ServerError")]
    [InlineData("""{"latencyMin":"00:00:02","latencyMax":"00:00:01"}""", "00:00:02")]
    [InlineData("""{"numbers":[{"prefix":"49151"}]}""", "Prefix")]
    [InlineData("""{"latency":"00:00:01"}""", "latency")]
    [InlineData("not json", "faults")]
    public async Task PutFaults_wrong_settings_are_refused_and_change_nothing(string json, string said)
    {
        await using var simulator = await SimulatorUnderTest.StartAsync();
        var before = await simulator.Client.GetStringAsync("/control/faults");

        using var response = await simulator.Client.PutAsync("/control/faults", new StringContent(json));

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Contains(said, await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.Equal(before, await simulator.Client.GetStringAsync("/control/faults"));
    }

    private static async Task<(long Accepted, long Refused)> AcceptedAndRefusedAsync(SimulatorUnderTest simulator)
    {
        var stats = await simulator.StatsAsync();
        return (stats.GetProperty("accepted").GetInt64(), stats.GetProperty("refused").GetInt64());
    }
}
