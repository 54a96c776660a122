using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using SmsGateway.ProviderSimulator;

namespace SmsGateway.Tests.ProviderSimulator;

/// <summary>The real application on Kestrel and a free port, with answers at once and receipts after a few milliseconds.</summary>
internal sealed class SimulatorUnderTest : IAsyncDisposable
{
    public const string AccountSid = "AC0123456789abcdef0123456789abcdef";
    public const string AuthToken = "token-of-the-test";
    public const string To = "+4915112345678";

    private readonly WebApplication _app;

    private SimulatorUnderTest(WebApplication app)
    {
        _app = app;
        Client = new HttpClient { BaseAddress = new Uri(app.Urls.Single()) };
        Client.DefaultRequestHeaders.Authorization = Basic(AccountSid, AuthToken);
    }

    public HttpClient Client { get; }

    public static string MessagesPath => $"/2010-04-01/Accounts/{AccountSid}/Messages.json";

    public static AuthenticationHeaderValue Basic(string user, string password) =>
        new("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"{user}:{password}")));

    public static async Task<SimulatorUnderTest> StartAsync(params (string Key, string Value)[] settings)
    {
        var builder = WebApplication.CreateBuilder();
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["Twilio:AccountSid"] = AccountSid,
            ["Twilio:AuthToken"] = AuthToken,
            ["Simulator:ReceiptBackoff"] = "00:00:00.005",
            ["Simulator:Faults:LatencyMin"] = "00:00:00",
            ["Simulator:Faults:LatencyMax"] = "00:00:00",
            ["Simulator:Faults:Receipts:SentAfter"] = "00:00:00.005",
            ["Simulator:Faults:Receipts:FinalAfter"] = "00:00:00.010",
        });
        builder.Configuration.AddInMemoryCollection(settings.Select(pair => KeyValuePair.Create(pair.Key, (string?)pair.Value)));
        builder.Logging.ClearProviders();
        builder.AddServiceDefaults();
        builder.AddSimulator();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var app = builder.Build();
        app.MapDefaultEndpoints();
        app.MapSimulator();
        await app.StartAsync();
        return new SimulatorUnderTest(app);
    }

    /// <summary>Posts a good message but for the fields given; null leaves a field out.</summary>
    public async Task<HttpResponseMessage> PostAsync(params (string Name, string? Value)[] fields)
    {
        using var request = Request(fields);
        return await Client.SendAsync(request);
    }

    public async Task<HttpResponseMessage> PostWithTokenAsync(string token, params (string Name, string? Value)[] fields)
    {
        using var request = Request(fields);
        request.Headers.Add("I-Twilio-Idempotency-Token", token);
        return await Client.SendAsync(request);
    }

    public static HttpRequestMessage Request(params (string Name, string? Value)[] fields)
    {
        var form = new Dictionary<string, string?> { ["To"] = To, ["From"] = "Acme", ["Body"] = "Hello" };
        foreach (var (name, value) in fields)
        {
            form[name] = value;
        }

        return new HttpRequestMessage(HttpMethod.Post, MessagesPath)
        {
            Content = new FormUrlEncodedContent(form.Where(field => field.Value is not null)),
        };
    }

    public async Task PutFaultsAsync(string json)
    {
        using var response = await Client.PutAsync("/control/faults", new StringContent(json));
        Assert.True(response.IsSuccessStatusCode, await response.Content.ReadAsStringAsync());
    }

    public Task<JsonElement> StatsAsync() => GetJsonAsync("/control/stats");

    public async Task<JsonElement> GetJsonAsync(string path) => Parse(await Client.GetStringAsync(path));

    public static async Task<JsonElement> ReadJsonAsync(HttpResponseMessage response) => Parse(await response.Content.ReadAsStringAsync());

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await _app.DisposeAsync();
    }

    private static JsonElement Parse(string json)
    {
        using var document = JsonDocument.Parse(json);
        return document.RootElement.Clone();
    }
}
