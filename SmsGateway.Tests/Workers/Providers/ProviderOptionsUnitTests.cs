using System.Text;

using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

using SmsGateway.Api.Receipts;
using SmsGateway.Tests.Ops;
using SmsGateway.Workers.Providers;

namespace SmsGateway.Tests.Workers.Providers;

public sealed class ProviderOptionsUnitTests
{
    private const string Secret = "s3cret-token";

    private static readonly Dictionary<string, string?> Valid = new()
    {
        ["Providers:0:Name"] = "main",
        ["Providers:0:Address"] = "https://api.twilio.com",
        ["Providers:0:AccountSid"] = "AC1",
        ["Providers:0:AuthToken"] = Secret,
        ["Providers:0:From"] = "+15005550006",
    };

    private static readonly Dictionary<string, string?> HttpKind = new()
    {
        ["Providers:0:Kind"] = "http",
        ["Providers:0:AccountSid"] = null,
        ["Providers:0:Http:Path"] = "/v1/messages",
        ["Providers:0:Http:Headers:Authorization"] = "Bearer {secret}",
        ["Providers:0:Http:Body"] = """{"to": {to}, "text": {text}}""",
        ["Providers:0:Http:IdField"] = "id",
        ["Providers:0:Http:ErrorField"] = "error.code",
    };

    [Fact]
    public void Providers_as_documented_are_valid()
    {
        using var host = Build([]);

        var provider = Assert.Single(host.Services.GetRequiredService<IOptions<ProvidersOptions>>().Value.Providers);
        Assert.Equal(("main", Secret, 64), (provider.Name, provider.AuthToken, provider.MaxConcurrency));
        Assert.Equal("main", Assert.Single(host.Services.GetRequiredService<IReadOnlyList<ProviderLine>>()).Name);
    }

    [Theory]
    [InlineData("Providers:0:Name", "Main", "Providers:0:Name is 'Main'; allowed")]
    [InlineData("Providers:0:Name", "main\n", "Providers:0:Name is 'main\n'; allowed")]
    [InlineData("Providers:0:Kind", "smpp", "Providers:0:Kind is 'smpp'; allowed: twilio, http")]
    [InlineData("Providers:0:Address", "api.twilio.com", "Providers:0:Address is 'api.twilio.com'; allowed")]
    [InlineData("Providers:0:Address", "ftp://api.twilio.com", "Providers:0:Address is 'ftp://api.twilio.com'; allowed")]
    [InlineData("Providers:0:Address", null, "Providers:0:Address is ''; allowed")]
    [InlineData("Providers:0:AccountSid", "AC/1", "Providers:0:AccountSid is 'AC/1'; allowed")]
    [InlineData("Providers:0:AuthToken", null, "Providers:0:AuthToken is missing")]
    [InlineData("Providers:0:From", null, "exactly one of them is needed")]
    [InlineData("Providers:0:MessagingServiceSid", "MG1", "Providers:0:MessagingServiceSid is 'MG1'; exactly one of them is needed")]
    [InlineData("Providers:0:MaxConcurrency", "0", "MaxConcurrency is 0; allowed: 1 to 4096")]
    [InlineData("Providers:0:AttemptTimeout", "00:05:00", "AttemptTimeout is 00:05:00; allowed: 00:00:00.0500000 to 00:02:00")]
    [InlineData("Providers:0:Breaker:FailureRatio", "2", "FailureRatio is 2; allowed: 0.01 to 1")]
    [InlineData("Providers:0:Prefixes:0", "49", "Providers:0:Prefixes:0 is '49'; allowed: a plus sign and 1 to 15 digits, the first not 0")]
    [InlineData("Providers:0:Order", "1001", "Order is 1001; allowed: -1000 to 1000")]
    [InlineData("Providers:0:Cost", "-1", "Cost is -1; allowed: 0 to 1000000")]
    [InlineData("Providers:0:MessagesPerSecond", "0", "MessagesPerSecond is 0; allowed: 1 to 100000")]
    [InlineData("Providers:0:RateJitter", "00:00:06", "RateJitter is 00:00:06; allowed: 00:00:00 to 00:00:05")]
    [InlineData("Providers:1:Name", "main", "Providers:1:Name is 'main', which Providers:0:Name is too")]
    [InlineData("Receipts:PublicUrl", "sms.example", "Receipts:PublicUrl is 'sms.example'; allowed")]
    public void Providers_wrong_setting_is_named_with_its_value(string setting, string? value, string expected)
    {
        var error = Assert.ThrowsAny<Exception>(() => Build(new() { [setting] = value }).Start());

        Assert.Contains(expected, error.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain(Secret, error.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Http:Method", "GET", "Providers:0:Http:Method is 'GET'; allowed: POST, PUT")]
    [InlineData("Http:Path", "messages", "Providers:0:Http:Path is 'messages'; allowed: a path")]
    [InlineData("Http:Path", "/messages?text={text}", "Providers:0:Http:Path holds {text}; allowed: {id}")]
    [InlineData("Http:ContentType", "text/xml", "Providers:0:Http:ContentType is 'text/xml'; allowed: application/json")]
    [InlineData("Http:Body", "{\"to\": {to}, \"text\": {body}}", "Providers:0:Http:Body holds {body}; allowed: {id}")]
    [InlineData("Http:Body", "{\"to\": {to}", "Providers:0:Http:Body is '{\"to\": {to}'; with values in place of its placeholders it must be")]
    [InlineData("Http:Headers:X-Key", "a\nb", "Providers:0:Http:Headers:X-Key is no header")]
    [InlineData("Http:IdField", null, "Providers:0:Http:IdField is ''; allowed: names and places")]
    [InlineData("Http:LookUpPath", "/messages", "Providers:0:Http:LookUpPath is '/messages' and LookUpNotFound is ''; needed")]
    [InlineData("HonoursIdempotencyKey", "true", "HonoursIdempotencyKey is true and no template of Providers:0:Http holds {id}")]
    [InlineData("AuthToken", null, "Providers:0:AuthToken is missing")]
    public void Providers_wrong_template_is_named_with_its_value(string setting, string? value, string expected)
    {
        var error = Assert.ThrowsAny<Exception>(() => Build(new(HttpKind) { [$"Providers:0:{setting}"] = value }).Start());

        Assert.Contains(expected, error.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain(Secret, error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Providers_template_is_valid()
    {
        using var host = Build(HttpKind);

        Assert.False(Assert.Single(host.Services.GetRequiredService<IReadOnlyList<ProviderLine>>()).CanResolve);
    }

    [Fact]
    public void Providers_of_the_documents_example_are_valid()
    {
        string document = File.ReadAllText(OpsFiles.PathOf("docs", "providers.md"));
        const string Begin = "```json\n";
        int begin = document.IndexOf(Begin, StringComparison.Ordinal) + Begin.Length;
        string example = document[begin..document.IndexOf("```", begin, StringComparison.Ordinal)];
        using var stream = new MemoryStream(Encoding.UTF8.GetBytes(example));
        var configuration = new ConfigurationBuilder().AddJsonStream(stream).Build();

        var workers = configuration.Get<ProvidersOptions>()!;
        var receipts = configuration.Get<ReceiptProviders>()!;

        Assert.Equal(["acme", "twilio"], workers.Providers.Select(provider => provider.Name));
        Assert.Empty(new ProvidersRules().Validate(null, workers).Failures ?? []);
        Assert.Empty(new ReceiptProvidersRules().Validate(null, receipts).Failures ?? []);
    }

    [Fact]
    public void Providers_none_is_an_error()
    {
        var error = Assert.ThrowsAny<Exception>(() => Build(Valid.ToDictionary(pair => pair.Key, _ => (string?)null)).Start());

        Assert.Contains("Providers is empty", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Providers_password_in_an_address_is_not_printed()
    {
        var error = Assert.ThrowsAny<Exception>(() => Build(new() { ["Providers:0:Address"] = $"https://user:{Secret}@api.twilio.com" }).Start());

        Assert.Contains("Providers:0:Address is 'https://api.twilio.com/ (and a user)'", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(Secret, error.ToString(), StringComparison.Ordinal);
    }

    private static IHost Build(Dictionary<string, string?> changes)
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        var settings = new Dictionary<string, string?>(Valid);
        foreach (var (setting, value) in changes)
        {
            settings[setting] = value;
        }

        builder.Configuration.AddInMemoryCollection(settings.Where(pair => pair.Value is not null));
        builder.Services.AddSingleton(TimeProvider.System);
        builder.AddProviders();
        return builder.Build();
    }
}
