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
        Assert.Equal(new("20000r/s", 20_000), settings.SendBucket);
        Assert.Equal(new("20000r/s", 20_000), settings.ReadBucket);
        Assert.Equal(new("10r/s", 200), settings.FailedBucket);
        Assert.Equal((10, 4_000, 10), (settings.BlockSeconds, settings.Connections, settings.ClientSeconds));
        Assert.Null(settings.TrustedProxies);
        Assert.Equal(("auto", AccessLog.Failures), (settings.WorkerProcesses, settings.AccessLog));
    }

    [Fact]
    public void Read_takes_what_nginx_takes()
    {
        var settings = Read(new()
        {
            ["Edge:Port"] = "8080",
            ["Edge:SendRate"] = "30r/m",
            ["Edge:SendBurst"] = "1",
            ["Edge:BlockSeconds"] = "60",
            ["Edge:TrustedProxies"] = "10.0.0.0/8, 192.168.0.7",
            ["Edge:WorkerProcesses"] = "4",
            ["Edge:AccessLog"] = "on",
        });
        Assert.Equal((8080, 60, "4"), (settings.Port, settings.BlockSeconds, settings.WorkerProcesses));
        Assert.Equal(new("30r/m", 1), settings.SendBucket);
        Assert.Equal(["10.0.0.0/8", "192.168.0.7"], settings.TrustedProxies);
        Assert.Equal(AccessLog.On, settings.AccessLog);
    }

    [Theory]
    [InlineData("Edge:Port", "65536", "a whole number from 0 to 65535")]
    [InlineData("Edge:ReadRate", "100", "1r/s to 9999999r/s")]
    [InlineData("Edge:ReadRate", "0r/s", "1r/s to 9999999r/s")]
    [InlineData("Edge:ReadRate", "1r/s;\nload_module x.so", "1r/s to 9999999r/s")]
    [InlineData("Edge:ReadRate", "1r/s\n", "1r/s to 9999999r/s")]
    [InlineData("Edge:FailedBurst", "0", "a whole number from 1 to 1000000")]
    [InlineData("Edge:FailedBurst", "10 delay=1", "a whole number from 1 to 1000000")]
    [InlineData("Edge:WorkerProcesses", "many", "auto, or a whole number from 1 to 999")]
    [InlineData("Edge:WorkerProcesses", "0", "auto, or a whole number from 1 to 999")]
    [InlineData("Edge:AccessLog", "/etc/passwd", "off, failures, on")]
    [InlineData("Edge:BlockSeconds", "3601", "a whole number from 1 to 3600")]
    [InlineData("Edge:TrustedProxies", "10.0.0.0/8; load_module x.so", "addresses and networks such as 10.0.0.0/8, with commas between")]
    [InlineData("Edge:TrustedProxies", "10.0.0.0/99", "addresses and networks such as 10.0.0.0/8")]
    public void Read_wrong_setting_is_named_with_its_value_and_what_is_allowed(string setting, string value, string allowed)
    {
        var error = Assert.Throws<DistributedApplicationException>(() => Read(new() { [setting] = value }));
        Assert.StartsWith($"The setting {setting} is '{value}'; allowed: {allowed}", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("1r/m", 60)]
    [InlineData("7r/m", 9)]
    [InlineData("600r/m", 1)]
    [InlineData("1r/s", 1)]
    public void RetrySeconds_is_the_time_in_which_the_bucket_has_room_for_one_more(string rate, int seconds) =>
        Assert.Equal(seconds, new Bucket(rate, 1).RetrySeconds);

    private static EdgeSettings Read(Dictionary<string, string?> settings) =>
        EdgeSettings.Read(new ConfigurationBuilder().AddInMemoryCollection(settings).Build());
}
