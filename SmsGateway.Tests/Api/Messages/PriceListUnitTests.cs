using Microsoft.Extensions.Options;

using SmsGateway.Api.Messages;
using SmsGateway.Core.Messages;

namespace SmsGateway.Tests.Api.Messages;

public sealed class PriceListUnitTests
{
    private static readonly PriceList Prices = new(Options.Create(new PricingOptions
    {
        SegmentPriceUnits = 1000,
        ExpressMultiplier = 2,
        Prefixes =
        [
            new() { Prefix = "49", PriceUnits = 700 },
            new() { Prefix = "49170", PriceUnits = 75 },
            new() { Prefix = "1", PriceUnits = 5 },
        ],
    }));

    [Theory]
    [InlineData("+331701234567", 1, Priority.Normal, 1000)]
    [InlineData("+331701234567", 3, Priority.Express, 6000)]
    [InlineData("+491601234567", 1, Priority.Normal, 700)]
    [InlineData("+491701234567", 2, Priority.Normal, 150)]
    [InlineData("+4917", 1, Priority.Normal, 700)]
    [InlineData("+15551234567", 1, Priority.Express, 10)]
    public void Cost_is_longest_prefix_times_segments_times_lane(string recipient, int segments, Priority priority, long units) =>
        Assert.Equal(units, Prices.Cost(recipient, segments, priority).Units);

    [Fact]
    public void Cost_without_prices_is_a_tenth_of_a_credit() =>
        Assert.Equal("0.10", new PriceList(Options.Create(new PricingOptions())).Cost("+491701234567", 1, Priority.Normal).ToString());

    [Fact]
    public void Cost_of_the_dearest_message_does_not_overflow()
    {
        var dearest = new PricingOptions { SegmentPriceUnits = PricingOptions.HighestPriceUnits, ExpressMultiplier = 100 };
        var cost = new PriceList(Options.Create(dearest)).Cost("+491701234567", 30, Priority.Express);
        Assert.Equal(30L * 100 * PricingOptions.HighestPriceUnits, cost.Units);
    }

    [Fact]
    public void Validate_one_prefix_twice_names_it_and_both_prices()
    {
        var options = new PricingOptions { Prefixes = [new() { Prefix = "49", PriceUnits = 7 }, new() { Prefix = "49", PriceUnits = 8 }] };
        string failure = Assert.Single(new PricingRules().Validate(null, options).Failures!);
        Assert.Contains("49", failure, StringComparison.Ordinal);
        Assert.Contains("7", failure, StringComparison.Ordinal);
        Assert.Contains("8", failure, StringComparison.Ordinal);
    }

    [Fact]
    public void Cost_knows_the_prices_of_a_file_beside_those_configured()
    {
        using var file = new TemporaryFile("# Germany\n49, 0.07\n\n4917,0.0750\n");
        var prices = new PriceList(Options.Create(new PricingOptions { File = file.Path, Prefixes = [new() { Prefix = "33", PriceUnits = 9 }] }));

        Assert.Equal(700, prices.Cost("+491601234567", 1, Priority.Normal).Units);
        Assert.Equal(750, prices.Cost("+491701234567", 1, Priority.Normal).Units);
        Assert.Equal(9, prices.Cost("+33612345678", 1, Priority.Normal).Units);
    }

    [Theory]
    [InlineData("49,0.07\n49,0.08\n", "49 twice")]
    [InlineData("49\n", "line 1")]
    [InlineData("44,0.07\n49;0.07\n", "line 2")]
    [InlineData("049,0.07\n", "line 1")]
    [InlineData("49,0\n", "line 1")]
    [InlineData("49,-1\n", "line 1")]
    [InlineData("49,0.00001\n", "line 1")]
    [InlineData("49,1e3\n", "line 1")]
    [InlineData("49,999999999\n", "line 1")]
    public void Validate_file_that_is_no_price_table_names_the_line(string text, string expected)
    {
        using var file = new TemporaryFile(text);

        string failure = Assert.Single(new PricingRules().Validate(null, new() { File = file.Path }).Failures!);

        Assert.Contains(expected, failure, StringComparison.Ordinal);
    }

    [Fact]
    public void Validate_file_that_is_not_there_says_so() =>
        Assert.Contains("/nowhere/prices.csv", Assert.Single(new PricingRules().Validate(null, new() { File = "/nowhere/prices.csv" }).Failures!), StringComparison.Ordinal);

    private sealed class TemporaryFile : IDisposable
    {
        public TemporaryFile(string text) => File.WriteAllText(Path, text);

        public string Path { get; } = System.IO.Path.GetTempFileName();

        public void Dispose() => File.Delete(Path);
    }
}
