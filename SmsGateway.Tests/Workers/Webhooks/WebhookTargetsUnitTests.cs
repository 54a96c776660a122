using System.Net;

using Microsoft.Extensions.Options;

using SmsGateway.Workers.Webhooks;

namespace SmsGateway.Tests.Workers.Webhooks;

public sealed class WebhookTargetsUnitTests
{
    [Theory]
    [InlineData("0.0.0.0")]
    [InlineData("10.1.2.3")]
    [InlineData("100.64.0.1")]
    [InlineData("100.127.255.255")]
    [InlineData("127.0.0.1")]
    [InlineData("127.255.0.1")]
    [InlineData("169.254.169.254")]
    [InlineData("172.16.0.1")]
    [InlineData("172.31.255.255")]
    [InlineData("192.0.0.192")]
    [InlineData("192.168.1.1")]
    [InlineData("198.18.0.1")]
    [InlineData("203.0.113.7")]
    [InlineData("224.0.0.1")]
    [InlineData("239.255.255.250")]
    [InlineData("255.255.255.255")]
    [InlineData("::")]
    [InlineData("::1")]
    [InlineData("::ffff:127.0.0.1")]
    [InlineData("::ffff:169.254.169.254")]
    [InlineData("::127.0.0.1")]
    [InlineData("64:ff9b::7f00:1")]
    [InlineData("100::1")]
    [InlineData("2001::1")]
    [InlineData("2001:db8::1")]
    [InlineData("2002:7f00:1::")]
    [InlineData("3fff::1")]
    [InlineData("fc00::1")]
    [InlineData("fd00:ec2::254")]
    [InlineData("fe80::1")]
    [InlineData("fec0::1")]
    [InlineData("ff02::1")]
    public void IsAllowed_address_that_is_not_public_is_refused(string address) => Assert.False(Targets().IsAllowed(IPAddress.Parse(address)));

    [Theory]
    [InlineData("1.1.1.1")]
    [InlineData("100.63.255.255")]
    [InlineData("172.32.0.1")]
    [InlineData("::ffff:8.8.8.8")]
    [InlineData("2606:4700:4700::1111")]
    public void IsAllowed_public_address_is_allowed(string address) => Assert.True(Targets().IsAllowed(IPAddress.Parse(address)));

    [Fact]
    public void IsAllowed_network_of_the_settings_is_allowed_and_nothing_beside_it()
    {
        var targets = Targets(options => options.AllowedNetworks.Add("10.1.0.0/16"));

        Assert.True(targets.IsAllowed(IPAddress.Parse("10.1.255.1")));
        Assert.True(targets.IsAllowed(IPAddress.Parse("::ffff:10.1.0.1")));
        Assert.False(targets.IsAllowed(IPAddress.Parse("10.2.0.1")));
    }

    [Theory]
    [InlineData("http://example.org/", "url_not_https")]
    [InlineData("ftp://example.org/", "url_invalid")]
    [InlineData("https://user:secret@example.org/", "url_invalid")]
    [InlineData("/relative", "url_invalid")]
    [InlineData("https://127.0.0.1/", "address_not_allowed")]
    [InlineData("https://2130706433/", "address_not_allowed")]
    [InlineData("https://0x7f.1/", "address_not_allowed")]
    [InlineData("https://0177.0.0.1/", "address_not_allowed")]
    [InlineData("https://[::1]:8443/", "address_not_allowed")]
    [InlineData("https://[::ffff:10.0.0.1]/", "address_not_allowed")]
    [InlineData("https://example.org:8443/path?query", null)]
    [InlineData("https://1.1.1.1/", null)]
    public void WhyNot_tells_what_is_never_called(string url, string? reason) => Assert.Equal(reason, Targets().WhyNot(url, out _));

    [Theory]
    [InlineData("10.1.0.0/33")]
    [InlineData("everything")]
    public void Validate_network_that_is_none_stops_the_start_and_is_named(string network)
    {
        var options = new WebhookOptions { AllowedNetworks = { network } };

        var result = new WebhookRules().Validate(null, options);

        Assert.Contains($"Webhooks:AllowedNetworks:0 is '{network}'; allowed:", result.FailureMessage, StringComparison.Ordinal);
    }

    private static WebhookTargets Targets(Action<WebhookOptions>? change = null)
    {
        var options = new WebhookOptions();
        change?.Invoke(options);
        return new(Options.Create(options));
    }
}
