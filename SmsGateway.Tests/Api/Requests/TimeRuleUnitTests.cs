using System.Globalization;

using SmsGateway.Api.Requests;

namespace SmsGateway.Tests.Api.Requests;

public sealed class TimeRuleUnitTests
{
    [Theory]
    [InlineData("2030-01-31T12:00:00Z", "2030-01-31T12:00:00Z")]
    [InlineData("2030-01-31T12:00:00+01:00", "2030-01-31T11:00:00Z")]
    [InlineData("2030-01-31T12:00:00.1234567-05:30", "2030-01-31T17:30:00.1234567Z")]
    [InlineData("2030-01-31T12:00+00:00", "2030-01-31T12:00:00Z")]
    public void TryParse_iso_with_offset_is_read(string text, string expected)
    {
        Assert.True(TimeRule.TryParse(text, out var time));
        Assert.Equal(DateTimeOffset.Parse(expected, CultureInfo.InvariantCulture), time);
    }

    [Theory]
    [InlineData("2030-01-31T12:00:00")]
    [InlineData("2030-01-31")]
    [InlineData("2030-02-30T12:00:00Z")]
    [InlineData("2030-01-31 12:00:00Z")]
    [InlineData(" 2030-01-31T12:00:00Z")]
    [InlineData("1900000000")]
    [InlineData("Z")]
    [InlineData("")]
    [InlineData("0001-01-01T00:00:00+14:00")]
    public void TryParse_anything_else_is_refused(string text) => Assert.False(TimeRule.TryParse(text, out _));
}
