using System.Net;
using System.Text.Json;
using Microsoft.Extensions.Options;

namespace SmsGateway.Tests.ProviderSimulator;

public sealed class ControlIntegrationTests
{
    [Fact]
    public async Task ListMessages_shows_newest_first_with_the_clients_id_and_no_text()
    {
        await using var simulator = await SimulatorUnderTest.StartAsync();
        var id = Guid.Parse("0193e1a0-1111-7222-8333-444455556666");
        using var first = await simulator.PostAsync(("Body", "secret text"), ("StatusCallback", $"http://127.0.0.1:9/receipts/{id}"));
        using var second = await simulator.PostAsync(("To", "+441234567890"));

        var all = await simulator.GetJsonAsync("/control/messages");
        var one = await simulator.GetJsonAsync("/control/messages?to=%2B4915112345678");
        var limited = await simulator.GetJsonAsync("/control/messages?limit=1");

        Assert.Equal(
            ["+441234567890", SimulatorUnderTest.To],
            all.EnumerateArray().Select(message => message.GetProperty("to").GetString()));
        Assert.Equal(id, Assert.Single(one.EnumerateArray()).GetProperty("clientMessageId").GetGuid());
        Assert.Equal("+441234567890", Assert.Single(limited.EnumerateArray()).GetProperty("to").GetString());
        Assert.DoesNotContain("secret", all.GetRawText(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task StreamLog_gives_every_remembered_message_once_and_stats_tell_what_was_overwritten()
    {
        await using var simulator = await SimulatorUnderTest.StartAsync(("Simulator:MessageLogCapacity", "40"));
        for (var n = 0; n < 50; n++)
        {
            using var response = await simulator.PostAsync();
        }

        var numbers = await LogNumbersAsync(simulator, "/control/log");
        var rest = await LogNumbersAsync(simulator, "/control/log?after=45");
        var stats = await simulator.StatsAsync();

        Assert.Equal(Enumerable.Range(10, 40).Select(n => (long)n), numbers);
        Assert.Equal([46, 47, 48, 49], rest);
        Assert.Equal((40, 10), (stats.GetProperty("remembered").GetInt64(), stats.GetProperty("overwritten").GetInt64()));
    }

    [Fact]
    public async Task DeleteMessages_forgets_messages_and_counters_but_repeats_no_sid()
    {
        await using var simulator = await SimulatorUnderTest.StartAsync();
        using var before = await simulator.PostAsync();

        using var reset = await simulator.Client.DeleteAsync("/control/messages");
        var stats = await simulator.StatsAsync();
        using var after = await simulator.PostAsync();

        Assert.Equal(HttpStatusCode.NoContent, reset.StatusCode);
        Assert.Equal(0, stats.GetProperty("received").GetInt64());
        Assert.Equal(0, stats.GetProperty("remembered").GetInt64());
        Assert.Equal(0, stats.GetProperty("overwritten").GetInt64());
        Assert.NotEqual(
            (await SimulatorUnderTest.ReadJsonAsync(before)).GetProperty("sid").GetString(),
            (await SimulatorUnderTest.ReadJsonAsync(after)).GetProperty("sid").GetString());
    }

    [Theory]
    [InlineData("/alive")]
    [InlineData("/health/")]
    public async Task Probe_running_simulator_is_healthy(string path)
    {
        await using var simulator = await SimulatorUnderTest.StartAsync();

        Assert.Equal("Healthy", await simulator.Client.GetStringAsync(path));
    }

    [Theory]
    [InlineData("Twilio:AuthToken", "")]
    [InlineData("Simulator:ReceiptConcurrency", "0")]
    [InlineData("Simulator:Faults:Answers:Refusal", "1.5")]
    public async Task Start_wrong_setting_fails(string key, string value) =>
        await Assert.ThrowsAsync<OptionsValidationException>(() => SimulatorUnderTest.StartAsync((key, value)));

    private static async Task<long[]> LogNumbersAsync(SimulatorUnderTest simulator, string path)
    {
        var lines = (await simulator.Client.GetStringAsync(path)).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        return [.. lines.Select(line => JsonDocument.Parse(line).RootElement.GetProperty("number").GetInt64())];
    }
}
