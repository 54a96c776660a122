using System.Text.Json;

using SmsGateway.Core.Money;

namespace SmsGateway.Tests.Core.Money;

public sealed class AmountUnitTests
{
    [Theory]
    [InlineData(0, "0.00")]
    [InlineData(1_000, "0.10")]
    [InlineData(75, "0.0075")]
    [InlineData(10_000, "1.00")]
    [InlineData(-12_345, "-1.2345")]
    [InlineData(Amount.MaxUnits, "900719925474.0991")]
    public void Write_amount_is_an_exact_number_of_credits(long units, string json) =>
        Assert.Equal(json, JsonSerializer.Serialize(new Amount(units)));

    [Theory]
    [InlineData("0.1", 1_000)]
    [InlineData("0.10", 1_000)]
    [InlineData("1e2", 1_000_000)]
    [InlineData("900719925474.0991", Amount.MaxUnits)]
    public void Read_number_of_credits_is_exact(string json, long units) =>
        Assert.Equal(new Amount(units), JsonSerializer.Deserialize<Amount>(json));

    [Theory]
    [InlineData("0.00001")]
    [InlineData("900719925474.0992")]
    [InlineData("1e400")]
    [InlineData("\"1\"")]
    [InlineData("null")]
    [InlineData("true")]
    public void Read_anything_else_is_refused(string json) =>
        Assert.Throws<JsonException>(() => JsonSerializer.Deserialize<Amount>(json));
}
