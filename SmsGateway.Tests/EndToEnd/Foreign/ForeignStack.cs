using System.Text.Json;
using System.Text.Json.Nodes;

namespace SmsGateway.Tests.EndToEnd.Foreign;

/// <summary>The gateway, pointed at a provider of another maker by nothing but a file of settings, as README.md says.</summary>
public sealed class ForeignStack : RunningStack
{
    /// <summary>Messages a second of the contract.</summary>
    internal const int Contract = 300;

    private readonly string _settingsFile = Path.GetTempFileName();

    internal ForeignProvider Provider { get; private set; } = null!;

    internal int Seed { get; } = Fault.New().Seed;

    private protected override string[] MoreSettings => [$"--SettingsFile={_settingsFile}"];

    private protected override bool HasSimulator => false;

    public override async Task InitializeAsync()
    {
        Provider = await ForeignProvider.StartAsync(Seed);
        await File.WriteAllTextAsync(_settingsFile, Settings(Provider.Address));
        await base.InitializeAsync();
    }

    public override async Task DisposeAsync()
    {
        await base.DisposeAsync();
        await Provider.DisposeAsync();
        File.Delete(_settingsFile);
    }

    private static string Settings(string address) => new JsonObject
    {
        ["Providers"] = new JsonArray(new JsonObject
        {
            ["Name"] = "acme",
            ["Kind"] = "http",
            ["Address"] = address,
            ["AuthToken"] = ForeignProvider.Secret,
            ["HonoursIdempotencyKey"] = true,
            ["MessagesPerSecond"] = Contract,
            ["RateJitter"] = "00:00:00.500",
            ["AttemptTimeout"] = "00:00:01",
            ["Breaker"] = new JsonObject { ["Break"] = "00:00:01" },
            ["Http"] = new JsonObject
            {
                ["Path"] = "/messages",
                ["Headers"] = new JsonObject { ["Authorization"] = "Bearer {secret}", ["Idempotency-Key"] = "{id}" },
                ["Body"] = """{"to": {to_digits}, "text": {text}, "receipt": {receipt_url}}""",
                ["IdField"] = "message.id",
                ["ErrorField"] = "error",
                ["MessageErrors"] = new JsonArray("no_such_number"),
            },
            ["Receipt"] = new JsonObject { ["Statuses"] = new JsonObject { ["DELIVRD"] = "delivered" } },
        }),
        ["Dispatch"] = new JsonObject { ["RetryBase"] = "00:00:00.200", ["MaxAttempts"] = 20 },
    }.ToJsonString(new JsonSerializerOptions { WriteIndented = true });
}
