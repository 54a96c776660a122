using System.Text.Json;

using Microsoft.Extensions.Logging.Abstractions;

using SmsGateway.Core.Providers;
using SmsGateway.Workers.Providers;
using SmsGateway.Workers.Providers.Http;

namespace SmsGateway.Tests.Workers.Providers;

public sealed class HttpTemplateProviderUnitTests : ProviderConformance
{
    private readonly ProviderOptions _options = new()
    {
        Name = "other",
        Kind = ProviderOptions.HttpKind,
        AuthToken = "s3cret",
        From = "ACME",
        Http = new()
        {
            Path = "/v1/messages?ref={id}",
            Body = """{"to": {to_digits}, "from": {from}, "text": {text}, "parts": {segments}, "ttl": {validity_seconds}, "notify": {receipt_url}}""",
            IdField = "messages.0.id",
            ErrorField = "error.code",
            LookUpPath = "/v1/lookup/{id}",
            LookUpNotFound = "no_such_message",
            LookUpIdField = "id",
        },
    };

    private Uri? _publicUrl = new("https://sms.example/base/");

    public HttpTemplateProviderUnitTests()
    {
        _options.Http.Headers["Authorization"] = "Bearer {secret}";
        _options.Http.Headers["Idempotency-Key"] = "{id}";
        _options.Http.SuccessCodes.Add("0");
        _options.Http.MessageErrors.Add("bad_number");
        _options.Http.TemporaryErrors.Add("throttled");
        _options.Http.AccountErrors.Add("no_credit");
    }

    private protected override (string Status, string Body) AcceptedAnswer => ("202 Accepted", """{"error": {"code": 0}, "messages": [{"id": 4711}]}""");

    private protected override string AcceptedId => "4711";

    private protected override (string Status, string Body) RefusedAnswer => ("422 Unprocessable Content", Error("no_such_sender"));

    [Fact]
    public async Task Send_message_writes_what_the_template_says()
    {
        await using var server = ScriptedServer.Answering(AcceptedAnswer.Status, AcceptedAnswer.Body);
        var message = TestMessages.Create(Time.GetUtcNow()) with { Text = "\"Ä\"\n\\ {to} 😀", ValidUntil = Time.GetUtcNow().AddSeconds(90) };

        await SendAsync(server.Address, message);

        var request = Assert.Single(server.Requests);
        Assert.Equal($"POST /v1/messages?ref={message.Id:D} HTTP/1.1", request.Line);
        Assert.Equal(
            ("Bearer s3cret", $"{message.Id:D}", "application/json"),
            (request.Headers["Authorization"], request.Headers["Idempotency-Key"], request.Headers["Content-Type"]));
        var body = JsonDocument.Parse(request.Body).RootElement;
        Assert.Equal(
            ("4915112345678", "ACME", message.Text, 1, 90),
            (body.GetProperty("to").GetString(), body.GetProperty("from").GetString(), body.GetProperty("text").GetString(),
                body.GetProperty("parts").GetInt32(), body.GetProperty("ttl").GetInt32()));
        string notify = body.GetProperty("notify").GetString()!;
        Assert.StartsWith($"https://sms.example/base/api/receipts/http/other/{message.Id:D}/", notify, StringComparison.Ordinal);
        Assert.True(ReceiptAddress.IsGenuine(notify[(notify.LastIndexOf('/') + 1)..], "other", message.Id, "s3cret"));
    }

    [Fact]
    public async Task Send_form_is_encoded_and_what_is_not_there_is_empty()
    {
        (_publicUrl, _options.From) = (null, null);
        _options.Http.ContentType = "application/x-www-form-urlencoded";
        _options.Http.Body = "to={to}&from={from}&text={text}&notify={receipt_url}";
        await using var server = ScriptedServer.Answering(AcceptedAnswer.Status, AcceptedAnswer.Body);

        await SendAsync(server.Address, TestMessages.Create(Time.GetUtcNow()) with { Text = "1 + 1 = 2 & ä" });

        Assert.Equal(
            new() { ["to"] = "+4915112345678", ["from"] = "", ["text"] = "1 + 1 = 2 & ä", ["notify"] = "" }, server.Requests[0].Form);
    }

    [Theory]
    [InlineData("400 Bad Request", "bad_number", "Message bad_number")]
    [InlineData("200 OK", "bad_number", "Message bad_number")]
    [InlineData("200 OK", "whatever", "Route whatever")]
    [InlineData("200 OK", "throttled", "busy")]
    [InlineData("500 Internal Server Error", "throttled", "busy")]
    [InlineData("500 Internal Server Error", "whatever", "unknown")]
    [InlineData("409 Conflict", "in_flight", "unknown")]
    [InlineData("408 Request Timeout", "slow", "unknown")]
    [InlineData("402 Payment Required", "no_credit", "unavailable")]
    [InlineData("401 Unauthorized", "whatever", "unavailable")]
    public async Task Send_error_is_told_by_its_code(string status, string code, string expected)
    {
        await using var server = ScriptedServer.Answering(status, Error(code));

        var result = await SendAsync(server);

        Assert.Equal(expected, result is SendResult.Refused refused ? $"{refused.Scope} {refused.ErrorCode}" : result.Name);
    }

    [Fact]
    public async Task Send_id_or_code_that_is_none_is_not_stored()
    {
        await using var server = ScriptedServer.Answering("202 Accepted", $$"""{"messages": [{"id": "{{new string('x', 129)}}"}]}""");
        Assert.IsType<SendResult.Unknown>(await SendAsync(server));

        await using var refusing = ScriptedServer.Answering("400 Bad Request", Error("<b>no</b>"));
        Assert.IsType<SendResult.Unavailable>(await SendAsync(refusing));
    }

    [Theory]
    [InlineData("200 OK", """{"id": "X1"}""", nameof(LookUpState.Taken))]
    [InlineData("404 Not Found", """{"error": {"code": "no_such_message"}}""", nameof(LookUpState.NotTaken))]
    [InlineData("404 Not Found", "<html>nothing here</html>", nameof(LookUpState.Unclear))]
    [InlineData("200 OK", "{}", nameof(LookUpState.Unclear))]
    [InlineData("500 Internal Server Error", """{"error": {"code": "no_such_message"}}""", nameof(LookUpState.Unclear))]
    public async Task LookUp_only_the_providers_own_word_proves_that_a_message_was_not_taken(string status, string body, string expected)
    {
        await using var server = ScriptedServer.Answering(status, body);
        var message = TestMessages.Create(Time.GetUtcNow());

        var found = await Create(server.Address).LookUpAsync(message, CancellationToken.None);

        Assert.Equal((Enum.Parse<LookUpState>(expected), expected == "Taken" ? "X1" : null), (found.State, found.ProviderMessageId));
        Assert.Equal($"GET /v1/lookup/{message.Id:D} HTTP/1.1", server.Requests[0].Line);
        Assert.Equal("Bearer s3cret", server.Requests[0].Headers["Authorization"]);
    }

    [Fact]
    public async Task LookUp_no_answer_is_unclear()
    {
        Assert.Equal(
            LookUpState.Unclear,
            (await Create(new Uri("http://127.0.0.1:1")).LookUpAsync(TestMessages.Create(Time.GetUtcNow()), CancellationToken.None)).State);
    }

    private protected override IProvider Create(Uri address)
    {
        _options.Address = address;
        var http = new HttpClient(ProviderExtensions.CreateHandler(_options));
        return new HttpTemplateProvider(_options, _publicUrl, http, Time, NullLogger<HttpTemplateProvider>.Instance);
    }

    private static string Error(string code) => $$$"""{"error": {"code": "{{{code}}}"}}""";
}
