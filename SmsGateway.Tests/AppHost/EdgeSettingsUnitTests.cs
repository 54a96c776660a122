using Aspire.Hosting;

using Microsoft.Extensions.Configuration;

using SmsGateway.AppHost;

namespace SmsGateway.Tests.AppHost;

public sealed class EdgeSettingsUnitTests
{
    [Fact]
    public void Read_nothing_set_has_the_defaults()
    {
        var settings = Read([]);
        Assert.Null(settings.Port);
        Assert.Equal(("20000r/s", 20_000, "auto"), (settings.RatePerKey, settings.BurstPerKey, settings.WorkerProcesses));
        Assert.Equal(AccessLog.Off, settings.AccessLog);
    }

    [Fact]
    public void Read_takes_what_nginx_takes()
    {
        var settings = Read(new()
        {
            ["Edge:Port"] = "8080",
            ["Edge:RatePerKey"] = "30r/m",
            ["Edge:BurstPerKey"] = "1",
            ["Edge:WorkerProcesses"] = "4",
            ["Edge:AccessLog"] = "on",
        });
        Assert.Equal((8080, "30r/m", 1, "4"), (settings.Port, settings.RatePerKey, settings.BurstPerKey, settings.WorkerProcesses));
        Assert.Equal(AccessLog.On, settings.AccessLog);
    }

    [Theory]
    [InlineData("Edge:Port", "65536", "a whole number from 0 to 65535")]
    [InlineData("Edge:RatePerKey", "100", "1r/s to 9999999r/s")]
    [InlineData("Edge:RatePerKey", "0r/s", "1r/s to 9999999r/s")]
    [InlineData("Edge:RatePerKey", "1r/s;\nload_module x.so", "1r/s to 9999999r/s")]
    [InlineData("Edge:RatePerKey", "1r/s\n", "1r/s to 9999999r/s")]
    [InlineData("Edge:BurstPerKey", "0", "a whole number from 1 to 1000000")]
    [InlineData("Edge:BurstPerKey", "10 delay=1", "a whole number from 1 to 1000000")]
    [InlineData("Edge:WorkerProcesses", "many", "auto, or a whole number from 1 to 999")]
    [InlineData("Edge:WorkerProcesses", "0", "auto, or a whole number from 1 to 999")]
    [InlineData("Edge:AccessLog", "/etc/passwd", "off, on")]
    public void Read_wrong_setting_is_named_with_its_value_and_what_is_allowed(string setting, string value, string allowed)
    {
        var error = Assert.Throws<DistributedApplicationException>(() => Read(new() { [setting] = value }));
        Assert.StartsWith($"The setting {setting} is '{value}'; allowed: {allowed}", error.Message, StringComparison.Ordinal);
    }

    private static EdgeSettings Read(Dictionary<string, string?> settings) =>
        EdgeSettings.Read(new ConfigurationBuilder().AddInMemoryCollection(settings).Build());
}
