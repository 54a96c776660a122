using SmsGateway.Load.Results;

namespace SmsGateway.Tests.Load;

public sealed class ComparisonUnitTests
{
    private static readonly Machine Anywhere = new()
    {
        Processor = "any", Processors = 2, MemoryGigabytes = 8, System = "any", Commit = "abc", At = default, Versions = new Dictionary<string, string>(),
    };

    [Theory]
    [InlineData(Direction.Higher, 1000, 800, Verdict.Worse)]
    [InlineData(Direction.Higher, 1000, 1200, Verdict.Better)]
    [InlineData(Direction.Higher, 1000, 950, Verdict.Same)]
    [InlineData(Direction.Lower, 10, 13, Verdict.Worse)]
    [InlineData(Direction.Lower, 10, 7, Verdict.Better)]
    internal void Changes_of_single_runs_calls_worse_what_lies_beyond_a_tenth(Direction better, double before, double after, Verdict verdict)
    {
        var change = Assert.Single(Compare([Run(before, better)], [Run(after, better)]));

        Assert.Equal(verdict, change.Verdict);
    }

    [Fact]
    public void Changes_of_runs_that_lie_apart_calls_nothing_a_change_that_lies_between_them()
    {
        var change = Assert.Single(Compare([Run(900), Run(1000), Run(1200)], [Run(800), Run(810), Run(820)]));

        Assert.Equal(Verdict.Same, change.Verdict);
    }

    [Fact]
    public void Changes_of_what_has_a_limit_compares_the_parts_of_the_limits()
    {
        var change = Assert.Single(Compare([Run(1000, limit: 2000)], [Run(500, limit: 1000)]));

        Assert.Equal((0.5, 0.5, Verdict.Same), (change.Before, change.After, change.Verdict));
    }

    [Fact]
    public void FromJson_of_what_ToJson_wrote_gives_the_result_back()
    {
        var result = Run(1000, limit: 2000, target: 0.55);

        var read = CaseResult.FromJson(result.ToJson());

        Assert.Equal(result.ToJson(), read.ToJson());
        Assert.Equal((0.5, false), (read.Ratio, read.Met));
    }

    private static IEnumerable<Change> Compare(CaseResult[] before, CaseResult[] after) => new Comparison(before, after).Changes();

    private static CaseResult Run(double value, Direction better = Direction.Higher, double? limit = null, double? target = null)
    {
        var measurement = new Measurement("value", value, "/s", better);
        return new()
        {
            Case = "case",
            Seconds = 1,
            Machine = Anywhere,
            Measurements = [limit is { } known ? measurement.Against("limit", known, target) : measurement],
        };
    }
}
