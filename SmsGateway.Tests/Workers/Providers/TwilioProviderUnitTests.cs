using System.Net.Http.Headers;
using System.Text;

using Microsoft.Extensions.Logging.Abstractions;

using SmsGateway.Workers.Providers;
using SmsGateway.Workers.Providers.Twilio;

namespace SmsGateway.Tests.Workers.Providers;

public sealed class TwilioProviderUnitTests : ProviderConformance
{
    private const string Accepted = """{"sid": "SM0123456789abcdef0123456789abcdef", "status": "queued", "error_code": null}""";

    private readonly ProviderOptions _options = new()
    {
        Name = "main",
        AccountSid = "AC1",
        AuthToken = "token",
        From = "+15005550006",
    };

    private Uri? _publicUrl = new("https://sms.example/base/");

    private protected override (string Status, string Body) AcceptedAnswer => ("201 Created", Accepted);

    private protected override string AcceptedId => "SM0123456789abcdef0123456789abcdef";

    private protected override (string Status, string Body) RefusedAnswer => ("400 Bad Request", Error(21212, 400));

    [Fact]
    public async Task Send_message_writes_what_Twilio_documents()
    {
        await using var server = ScriptedServer.Answering("201 Created", Accepted);
        var message = TestMessages.Create(Time.GetUtcNow()) with { Text = "Ä+ä & 100% = 1€ 😀", ValidUntil = Time.GetUtcNow().AddSeconds(90) };

        await SendAsync(server.Address, message);

        var request = Assert.Single(server.Requests);
        Assert.Equal("POST /2010-04-01/Accounts/AC1/Messages.json HTTP/1.1", request.Line);
        Assert.Equal("application/x-www-form-urlencoded", request.Headers["Content-Type"]);
        var credentials = AuthenticationHeaderValue.Parse(request.Headers["Authorization"]);
        Assert.Equal("AC1:token", Encoding.UTF8.GetString(Convert.FromBase64String(credentials.Parameter!)));
        Assert.Equal(
            new Dictionary<string, string>
            {
                ["To"] = message.Recipient,
                ["From"] = "+15005550006",
                ["Body"] = message.Text,
                ["StatusCallback"] = $"https://sms.example/base/api/receipts/twilio/main/{message.Id:D}",
                ["ValidityPeriod"] = "90",
            },
            request.Form);
        Assert.DoesNotContain("I-Twilio-Idempotency-Token", request.Headers.Keys);
    }

    [Fact]
    public async Task Send_provider_honours_keys_gives_the_messages_id_as_key()
    {
        _options.HonoursIdempotencyKey = true;
        await using var server = ScriptedServer.Answering("201 Created", Accepted);
        var message = TestMessages.Create(Time.GetUtcNow());

        await SendAsync(server.Address, message);

        Assert.Equal(message.Id.ToString("D"), server.Requests[0].Headers["I-Twilio-Idempotency-Token"]);
    }

    [Theory]
    [InlineData("ACME", null, "MG1", "ACME", null)]
    [InlineData("ACME", "+15005550006", null, "ACME", null)]
    [InlineData(null, null, "MG1", null, "MG1")]
    public async Task Send_sender_is_the_messages_or_the_routes(string? sender, string? from, string? service, string? sentFrom, string? sentService)
    {
        _options.From = from;
        _options.MessagingServiceSid = service;
        _publicUrl = null;
        await using var server = ScriptedServer.Answering("201 Created", Accepted);

        await SendAsync(server.Address, TestMessages.Create(Time.GetUtcNow()) with { Sender = sender });

        var form = server.Requests[0].Form;
        Assert.Equal(sentFrom, form.GetValueOrDefault("From"));
        Assert.Equal(sentService, form.GetValueOrDefault("MessagingServiceSid"));
        Assert.DoesNotContain("StatusCallback", form.Keys);
    }

    [Theory]
    [InlineData(0.2, "1")]
    [InlineData(100_000, "36000")]
    public async Task Send_validity_is_clipped_to_what_Twilio_takes(double seconds, string sent)
    {
        await using var server = ScriptedServer.Answering("201 Created", Accepted);

        await SendAsync(server.Address, TestMessages.Create(Time.GetUtcNow()) with { ValidUntil = Time.GetUtcNow().AddSeconds(seconds) });

        Assert.Equal(sent, server.Requests[0].Form["ValidityPeriod"]);
    }

    [Theory]
    [InlineData(21211, nameof(RefusalScope.Message))]
    [InlineData(21610, nameof(RefusalScope.Message))]
    [InlineData(21408, nameof(RefusalScope.Route))]
    [InlineData(99999, nameof(RefusalScope.Route))]
    public async Task Send_error_code_tells_how_far_the_refusal_reaches(int code, string scope)
    {
        await using var server = ScriptedServer.Answering("400 Bad Request", Error(code, 400));

        Assert.Equal(new SendResult.Refused($"{code}", Enum.Parse<RefusalScope>(scope)), await SendAsync(server));
    }

    [Theory]
    [InlineData("401 Unauthorized", 20003)]
    [InlineData("403 Forbidden", 20005)]
    [InlineData("404 Not Found", 20404)]
    [InlineData("401 Unauthorized", null)]
    public async Task Send_account_refused_is_unavailable(string status, int? code)
    {
        await using var server = ScriptedServer.Answering(status, code is { } known ? Error(known, 401) : "");

        Assert.Equal(new SendResult.Unavailable("account_refused"), await SendAsync(server));
    }

    [Fact]
    public async Task Send_server_error_with_a_code_of_Twilios_is_unknown_all_the_same()
    {
        await using var server = ScriptedServer.Answering("500 Internal Server Error", Error(20500, 500));

        Assert.Equal(new SendResult.Unknown("http_500"), await SendAsync(server));
    }

    [Fact]
    public async Task Send_error_20429_is_busy()
    {
        await using var server = ScriptedServer.Answering("400 Bad Request", Error(20429, 400));

        Assert.Equal(new SendResult.Busy(null), await SendAsync(server));
    }

    private protected override IProvider Create(Uri address)
    {
        _options.Address = address;
        var http = new HttpClient(ProviderExtensions.CreateHandler(_options));
        return new TwilioProvider(_options, _publicUrl, http, Time, NullLogger<TwilioProvider>.Instance);
    }

    private static string Error(int code, int status) =>
        $$"""{"code": {{code}}, "message": "The number +4915112345678 is wrong", "more_info": "https://www.twilio.com/docs/errors/{{code}}", "status": {{status}}}""";
}
