using System.Globalization;
using System.Net;

namespace SmsGateway.Tests.ProviderSimulator;

public sealed class MessagesIntegrationTests
{
    /// <summary>Far enough off that the answer is written before the message moves on.</summary>
    private static readonly (string Key, string Value)[] StillQueued =
        [("Simulator:Faults:Receipts:SentAfter", "00:00:30"), ("Simulator:Faults:Receipts:FinalAfter", "00:00:31")];

    [Fact]
    public async Task Post_good_message_is_created_as_Twilio_shows_it()
    {
        await using var simulator = await SimulatorUnderTest.StartAsync(StillQueued);

        using var response = await simulator.PostAsync(("Body", new string('€', 81)));
        var message = await SimulatorUnderTest.ReadJsonAsync(response);

        Assert.Equal(HttpStatusCode.Created, response.StatusCode);
        Assert.Matches("^SM[0-9a-f]{32}$", message.GetProperty("sid").GetString());
        Assert.Equal("queued", message.GetProperty("status").GetString());
        Assert.Equal("2", message.GetProperty("num_segments").GetString());
        Assert.Equal(SimulatorUnderTest.To, message.GetProperty("to").GetString());
        Assert.Equal("Acme", message.GetProperty("from").GetString());
        Assert.Equal("outbound-api", message.GetProperty("direction").GetString());
        Assert.Equal(System.Text.Json.JsonValueKind.Null, message.GetProperty("error_code").ValueKind);
        Assert.EndsWith(
            $"/Messages/{message.GetProperty("sid").GetString()}.json", message.GetProperty("uri").GetString(), StringComparison.Ordinal);
        Assert.True(DateTimeOffset.TryParseExact(
            message.GetProperty("date_created").GetString(), "ddd, dd MMM yyyy HH:mm:ss zzz",
            CultureInfo.InvariantCulture, DateTimeStyles.None, out _));
    }

    [Fact]
    public async Task Post_messaging_service_instead_of_sender_is_accepted()
    {
        await using var simulator = await SimulatorUnderTest.StartAsync(StillQueued);

        using var response = await simulator.PostAsync(("From", null), ("MessagingServiceSid", "MG0123456789abcdef0123456789abcdef"));
        var message = await SimulatorUnderTest.ReadJsonAsync(response);

        Assert.Equal("accepted", message.GetProperty("status").GetString());
        Assert.Equal("MG0123456789abcdef0123456789abcdef", message.GetProperty("messaging_service_sid").GetString());
    }

    [Theory]
    [InlineData("To", null, 21604)]
    [InlineData("To", "", 21604)]
    [InlineData("To", "12345", 21211)]
    [InlineData("To", "+0123456789", 21211)]
    [InlineData("To", "+1234567890123456", 21211)]
    [InlineData("To", "+15005550001", 21211)]
    [InlineData("To", "+15005550004", 21610)]
    [InlineData("From", null, 21603)]
    [InlineData("From", "SenderTooLong", 21212)]
    [InlineData("From", "Acme!", 21212)]
    [InlineData("Body", null, 21602)]
    [InlineData("StatusCallback", "ftp://example.com/x", 21609)]
    [InlineData("StatusCallback", "/relative", 21609)]
    [InlineData("ValidityPeriod", "0", 20001)]
    [InlineData("ValidityPeriod", "36001", 20001)]
    public async Task Post_wrong_field_is_refused_with_Twilios_code(string field, string? value, int code)
    {
        await using var simulator = await SimulatorUnderTest.StartAsync(StillQueued);

        using var response = await simulator.PostAsync((field, value));

        await AssertErrorAsync(response, HttpStatusCode.BadRequest, code);
        Assert.Equal(1, (await simulator.StatsAsync()).GetProperty("refused").GetInt64());
        Assert.Equal(0, (await simulator.StatsAsync()).GetProperty("accepted").GetInt64());
    }

    [Theory]
    [InlineData(1600, HttpStatusCode.Created)]
    [InlineData(1601, HttpStatusCode.BadRequest)]
    public async Task Post_body_at_the_limit_is_accepted_and_above_refused(int length, HttpStatusCode expected)
    {
        await using var simulator = await SimulatorUnderTest.StartAsync(StillQueued);

        using var response = await simulator.PostAsync(("Body", new string('a', length)));

        Assert.Equal(expected, response.StatusCode);
        if (expected == HttpStatusCode.BadRequest)
        {
            await AssertErrorAsync(response, expected, 21617);
        }
    }

    [Fact]
    public async Task Post_no_form_at_all_is_a_missing_recipient()
    {
        await using var simulator = await SimulatorUnderTest.StartAsync();

        using var response = await simulator.Client.PostAsync(SimulatorUnderTest.MessagesPath, new StringContent("{}"));

        await AssertErrorAsync(response, HttpStatusCode.BadRequest, 21604);
    }

    [Theory]
    [InlineData(SimulatorUnderTest.AccountSid, "wrong")]
    [InlineData("ACffffffffffffffffffffffffffffffff", SimulatorUnderTest.AuthToken)]
    [InlineData(null, null)]
    public async Task Post_wrong_credentials_are_20003(string? user, string? password)
    {
        await using var simulator = await SimulatorUnderTest.StartAsync();
        simulator.Client.DefaultRequestHeaders.Authorization = user is null ? null : SimulatorUnderTest.Basic(user, password!);

        using var response = await simulator.PostAsync();

        await AssertErrorAsync(response, HttpStatusCode.Unauthorized, 20003);
        Assert.Equal("Basic", response.Headers.WwwAuthenticate.Single().Scheme);
    }

    [Fact]
    public async Task Post_path_of_another_account_is_20003()
    {
        await using var simulator = await SimulatorUnderTest.StartAsync();

        using var response = await simulator.Client.PostAsync(
            "/2010-04-01/Accounts/ACffffffffffffffffffffffffffffffff/Messages.json", new FormUrlEncodedContent([]));

        await AssertErrorAsync(response, HttpStatusCode.Unauthorized, 20003);
    }

    [Fact]
    public async Task Fetch_known_message_shows_its_end_and_unknown_is_20404()
    {
        await using var simulator = await SimulatorUnderTest.StartAsync(
            ("Simulator:Faults:Receipts:SentAfter", "00:00:00"), ("Simulator:Faults:Receipts:FinalAfter", "00:00:00"));
        using var created = await simulator.PostAsync(("To", "+9992010001"));
        var sid = (await SimulatorUnderTest.ReadJsonAsync(created)).GetProperty("sid").GetString()!;
        var path = $"/2010-04-01/Accounts/{SimulatorUnderTest.AccountSid}/Messages/";

        var message = await simulator.GetJsonAsync($"{path}{sid}.json");
        using var unknown = await simulator.Client.GetAsync($"{path}SM{new string('0', 32)}.json");

        Assert.Equal("undelivered", message.GetProperty("status").GetString());
        Assert.Equal(30005, message.GetProperty("error_code").GetInt32());
        await AssertErrorAsync(unknown, HttpStatusCode.NotFound, 20404);
    }

    [Theory]
    [InlineData("0193e1a0-0000-7000-8000-00000000abcd")]
    [InlineData("any text")]
    public async Task Post_repeated_token_when_honoured_returns_the_first_message(string token)
    {
        await using var simulator = await SimulatorUnderTest.StartAsync(("Simulator:Faults:Idempotency", "Honoured"));

        using var first = await simulator.PostWithTokenAsync(token);
        using var second = await simulator.PostWithTokenAsync(token);
        using var other = await simulator.PostWithTokenAsync(token + "!");

        Assert.Equal(await SidAsync(first), await SidAsync(second));
        Assert.NotEqual(await SidAsync(first), await SidAsync(other));
        var stats = await simulator.StatsAsync();
        Assert.Equal(2, stats.GetProperty("accepted").GetInt64());
        Assert.Equal(1, stats.GetProperty("repeated").GetInt64());
        Assert.Equal(1, stats.GetProperty("tokenRepeats").GetInt64());
        var listed = await simulator.GetJsonAsync("/control/messages");
        Assert.Equal(2, listed[1].GetProperty("posts").GetInt32());
        Assert.Equal(token, listed[1].GetProperty("idempotencyToken").GetString());
    }

    [Fact]
    public async Task Post_repeated_token_at_the_same_time_creates_one_message()
    {
        await using var simulator = await SimulatorUnderTest.StartAsync(("Simulator:Faults:Idempotency", "Honoured"));

        var responses = await Task.WhenAll(Enumerable.Range(0, 200).Select(n => simulator.PostWithTokenAsync($"token {n % 10}")));
        var sids = await Task.WhenAll(responses.Select(SidAsync));

        Assert.Equal(10, sids.Distinct().Count());
        Assert.Equal(10, (await simulator.StatsAsync()).GetProperty("accepted").GetInt64());
        Array.ForEach(responses, response => response.Dispose());
    }

    [Fact]
    public async Task Post_repeated_token_when_ignored_creates_a_second_message_and_is_counted()
    {
        await using var simulator = await SimulatorUnderTest.StartAsync();

        using var first = await simulator.PostWithTokenAsync("token");
        using var second = await simulator.PostWithTokenAsync("token");

        Assert.NotEqual(await SidAsync(first), await SidAsync(second));
        Assert.Equal(1, (await simulator.StatsAsync()).GetProperty("tokenRepeats").GetInt64());
    }

    [Fact]
    public async Task Post_above_the_limit_of_messages_a_second_is_429_with_retry_after()
    {
        await using var simulator = await SimulatorUnderTest.StartAsync(("Simulator:Faults:MaxMessagesPerSecond", "5"));

        var start = TimeProvider.System.GetTimestamp();
        var responses = await Task.WhenAll(Enumerable.Range(0, 40).Select(_ => simulator.PostAsync()));

        var refused = responses.First(response => response.StatusCode == HttpStatusCode.TooManyRequests);
        await AssertErrorAsync(refused, HttpStatusCode.TooManyRequests, 20429);
        Assert.Equal(TimeSpan.FromSeconds(1), refused.Headers.RetryAfter!.Delta);
        // The posts may begin in the middle of one second of the clock and end in the middle of another.
        var seconds = (int)TimeProvider.System.GetElapsedTime(start).TotalSeconds + 2;
        Assert.InRange(responses.Count(response => response.StatusCode == HttpStatusCode.Created), 5, 5 * seconds);
        Array.ForEach(responses, response => response.Dispose());
    }

    internal static async Task AssertErrorAsync(HttpResponseMessage response, HttpStatusCode status, int code)
    {
        var error = await SimulatorUnderTest.ReadJsonAsync(response);
        Assert.Equal(status, response.StatusCode);
        Assert.Equal(code, error.GetProperty("code").GetInt32());
        Assert.Equal((int)status, error.GetProperty("status").GetInt32());
        Assert.Equal($"https://www.twilio.com/docs/errors/{code}", error.GetProperty("more_info").GetString());
        Assert.False(string.IsNullOrWhiteSpace(error.GetProperty("message").GetString()));
    }

    private static async Task<string?> SidAsync(HttpResponseMessage response) =>
        (await SimulatorUnderTest.ReadJsonAsync(response)).GetProperty("sid").GetString();
}
