using Microsoft.Extensions.Options;

using SmsGateway.Api.Messages;

namespace SmsGateway.Tests.Api.Messages;

public sealed class PhoneNumbersUnitTests
{
    [Theory]
    [InlineData("+1234567")]
    [InlineData("+491701234567")]
    [InlineData("+123456789012345")]
    public void TryNormalise_e164_is_kept(string number)
    {
        Assert.True(Numbers(null).TryNormalise(number, out string normalised));
        Assert.Equal(number, normalised);
    }

    [Theory]
    [InlineData("")]
    [InlineData("+")]
    [InlineData("+123456")]
    [InlineData("+1234567890123456")]
    [InlineData("+0491701234567")]
    [InlineData("+49 170 1234567")]
    [InlineData("+49-1701234567")]
    [InlineData("491701234567")]
    [InlineData("01701234567")]
    [InlineData("+4917012345\u0663")]
    [InlineData("++491701234567")]
    public void TryNormalise_anything_else_without_default_country_is_refused(string number) =>
        Assert.False(Numbers(null).TryNormalise(number, out _));

    [Theory]
    [InlineData("01701234567", "+491701234567")]
    [InlineData("1701234567", "+491701234567")]
    [InlineData("+441701234567", "+441701234567")]
    public void TryNormalise_national_with_default_country_is_brought_to_e164(string number, string expected)
    {
        Assert.True(Numbers("49").TryNormalise(number, out string normalised));
        Assert.Equal(expected, normalised);
    }

    [Theory]
    [InlineData("00441701234567")]
    [InlineData("0170-1234567")]
    [InlineData("0")]
    [InlineData("012345678901234567")]
    public void TryNormalise_no_national_number_is_refused(string number) => Assert.False(Numbers("49").TryNormalise(number, out _));

    private static PhoneNumbers Numbers(string? country) => new(Options.Create(new NumbersOptions { DefaultCountryCode = country }));
}
