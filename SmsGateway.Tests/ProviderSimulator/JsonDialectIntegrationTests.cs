using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;

using Microsoft.Extensions.Logging.Abstractions;

using SmsGateway.Core.Messages;
using SmsGateway.Tests.Workers.Providers;
using SmsGateway.Workers.Providers;
using SmsGateway.Workers.Providers.Http;

namespace SmsGateway.Tests.ProviderSimulator;

/// <summary>The simulator's own dialect, asked by the gateway's provider of the kind <c>http</c> with the templates of the README.</summary>
public sealed class JsonDialectIntegrationTests
{
    private const string Honoured = """{"idempotency": "Honoured"}""";

    private static DateTimeOffset Now => TimeProvider.System.GetUtcNow();

    [Fact]
    public async Task Send_repeated_is_taken_once_and_can_be_looked_up()
    {
        await using var simulator = await SimulatorUnderTest.StartAsync();
        await simulator.PutFaultsAsync(Honoured);
        var provider = Create(simulator);
        var message = TestMessages.Create(Now);

        var first = Assert.IsType<SendResult.Accepted>(await SendAsync(provider, message));
        var second = Assert.IsType<SendResult.Accepted>(await SendAsync(provider, message));

        Assert.Equal(first.ProviderMessageId, second.ProviderMessageId);
        Assert.Equal(new LookUp(LookUpState.Taken, first.ProviderMessageId), await provider.LookUpAsync(message, CancellationToken.None));
        Assert.Equal(LookUpState.NotTaken, (await provider.LookUpAsync(TestMessages.Create(Now), CancellationToken.None)).State);
    }

    [Fact]
    public async Task Send_answer_is_lost_is_unknown_and_the_look_up_tells()
    {
        await using var simulator = await SimulatorUnderTest.StartAsync();
        await simulator.PutFaultsAsync("""{"answers": {"resetAfterAccept": 1}}""");
        var provider = Create(simulator);
        var message = TestMessages.Create(Now);

        Assert.IsType<SendResult.Unknown>(await SendAsync(provider, message));
        Assert.Equal(LookUpState.Taken, (await provider.LookUpAsync(message, CancellationToken.None)).State);
    }

    [Fact]
    public async Task Send_wrong_number_is_refused_with_its_code()
    {
        await using var simulator = await SimulatorUnderTest.StartAsync();

        var result = await SendAsync(Create(simulator), TestMessages.Create(Now) with { Recipient = "+123" });

        Assert.Equal(new SendResult.Refused("21211", RefusalScope.Message), result);
    }

    [Fact]
    public async Task Send_without_the_secret_is_refused()
    {
        await using var simulator = await SimulatorUnderTest.StartAsync();

        Assert.Equal(new SendResult.Unavailable("account_refused"), await SendAsync(Create(simulator, secret: "wrong"), TestMessages.Create(Now)));
    }

    [Fact]
    public async Task Post_what_is_no_message_is_refused()
    {
        await using var simulator = await SimulatorUnderTest.StartAsync();
        using var request = new HttpRequestMessage(HttpMethod.Post, "/json/messages") { Content = new StringContent("{\"to\": ", Encoding.UTF8) };
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", SimulatorUnderTest.AuthToken);

        using var response = await simulator.Client.SendAsync(request);

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Equal("20001", (await SimulatorUnderTest.ReadJsonAsync(response)).GetProperty("error").GetString());
    }

    [Fact]
    public async Task Receipts_are_posted_in_JSON()
    {
        await using var simulator = await SimulatorUnderTest.StartAsync();
        await using var receiver = ScriptedServer.Answering("204 No Content", "");

        var sent = Assert.IsType<SendResult.Accepted>(await SendAsync(Create(simulator, receipts: receiver.Address), TestMessages.Create(Now)));
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        while (receiver.Requests.Count < 2)
        {
            await Task.Delay(5, limit.Token);
        }

        var receipts = receiver.Requests.Select(request => JsonDocument.Parse(request.Body).RootElement).ToList();
        Assert.Equal(["sent", "delivered"], receipts.Select(receipt => receipt.GetProperty("status").GetString()));
        Assert.All(receipts, receipt => Assert.Equal(sent.ProviderMessageId, receipt.GetProperty("id").GetString()));
    }

    private static Task<SendResult> SendAsync(HttpTemplateProvider provider, QueuedMessage message) =>
        provider.SendAsync(message, new Departure(), CancellationToken.None);

    private static HttpTemplateProvider Create(SimulatorUnderTest simulator, string secret = SimulatorUnderTest.AuthToken, Uri? receipts = null)
    {
        var options = new ProviderOptions
        {
            Name = "json",
            Kind = ProviderOptions.HttpKind,
            Address = simulator.Client.BaseAddress,
            AuthToken = secret,
            From = "ACME",
            Http = new()
            {
                Path = "/json/messages",
                Body = """{"id": {id}, "to": {to}, "from": {from}, "text": {text}, "ttl": {validity_seconds}, "receipt_url": {receipt_url}}""",
                IdField = "id",
                ErrorField = "error",
                LookUpPath = "/json/messages/{id}",
                LookUpNotFound = "20404",
            },
        };
        options.Http.Headers["Authorization"] = "Bearer {secret}";
        options.Http.MessageErrors.Add("21211");
        var client = new HttpClient(ProviderExtensions.CreateHandler(options));
        return new HttpTemplateProvider(options, receipts, client, TimeProvider.System, NullLogger<HttpTemplateProvider>.Instance);
    }
}
