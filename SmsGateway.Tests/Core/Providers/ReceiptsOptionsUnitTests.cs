using Microsoft.Extensions.Options;

using SmsGateway.Core.Providers;

namespace SmsGateway.Tests.Core.Providers;

public sealed class ReceiptsOptionsUnitTests
{
    [Theory]
    [InlineData(null)]
    [InlineData("https://sms.example")]
    [InlineData("http://sms.example:8080/behind/")]
    public void Validate_address_or_nothing_is_valid(string? url) => Assert.True(Validate(url).Succeeded);

    [Theory]
    [InlineData("sms.example")]
    [InlineData("ftp://sms.example")]
    [InlineData("https://sms.example/?a=b")]
    [InlineData("https://sms.example/#a")]
    public void Validate_anything_else_is_named(string url) =>
        Assert.Contains($"Receipts:PublicUrl is '{url}'; allowed", Validate(url).FailureMessage, StringComparison.Ordinal);

    [Fact]
    public void Validate_password_is_not_printed()
    {
        var result = Validate("https://user:s3cret@sms.example");
        Assert.True(result.Failed);
        Assert.DoesNotContain("s3cret", result.FailureMessage, StringComparison.Ordinal);
    }

    private static ValidateOptionsResult Validate(string? url) =>
        new ReceiptsOptionsValidator().Validate(null, new() { PublicUrl = url is null ? null : new(url, UriKind.RelativeOrAbsolute) });
}
