using SmsGateway.Tests.Fixtures;
using SmsGateway.Tests.Workers.Providers;
using SmsGateway.Workers.Dispatch;
using SmsGateway.Workers.Providers;

namespace SmsGateway.Tests.Workers.Dispatch;

public sealed class RouteTableUnitTests
{
    private static readonly SendResult Down = new SendResult.Unavailable("down");

    private readonly TestClock _time = new();

    [Theory]
    [InlineData("+4915112345678", "mobile germany all")]
    [InlineData("+4930123456", "germany all")]
    [InlineData("+447700900123", "all")]
    [InlineData("+49", "germany all")]
    public void Of_longest_prefix_first_and_shorter_ones_behind_it(string number, string expected)
    {
        var table = new RouteTable([Line("all"), Line("germany", prefixes: ["+49"]), Line("mobile", prefixes: ["+44151", "+49151"])]);

        Assert.Equal(expected, Names(table, number));
    }

    [Fact]
    public void Of_equal_prefixes_by_order_then_cost_then_place()
    {
        var table = new RouteTable([Line("e", order: 1), Line("d", cost: 0.02m), Line("b", cost: 0.01m), Line("c", cost: 0.01m), Line("a", order: -1)]);

        Assert.Equal("a b c d e", Names(table, "+4915112345678"));
    }

    [Fact]
    public void Of_number_that_no_prefix_fits_has_no_route()
    {
        var table = new RouteTable([Line("germany", prefixes: ["+49"])]);

        Assert.Equal("", Names(table, "+447700900123"));
        Assert.Single(table.Groups);
    }

    [Fact]
    public void Groups_same_list_of_providers_counts_once()
    {
        var table = new RouteTable([Line("a", prefixes: ["+1", "+44", "+49"]), Line("b")]);

        Assert.Equal(["a b", "b"], table.Groups.Select(group => string.Join(' ', group.Select(line => line.Name))));
    }

    [Fact]
    public async Task Room_one_provider_rests_leaves_the_detours_to_the_others()
    {
        var resting = TestLines.Create(new ScriptedProvider(Down), _time, "germany", prefixes: ["+49"]);
        var routes = new Routes([resting, Line("britain", prefixes: ["+44"])]);
        Assert.Equal((4, 8), (routes.Room(detours: 0), routes.Room(detours: 100)));

        for (int i = 0; i < 2; i++)
        {
            await resting.SendAsync(TestMessages.Create(_time.GetUtcNow()), new Departure(), CancellationToken.None);
        }

        Assert.Equal((0, 3, 4), (routes.Room(detours: 0), routes.Room(detours: 3), routes.Room(detours: 100)));
    }

    [Fact]
    public void Detours_are_spent_and_come_back_with_time()
    {
        var budget = new DetourBudget(10, _time);
        for (int i = 0; i < 12; i++)
        {
            budget.Spend();
        }

        Assert.Equal(0, budget.Left);
        _time.Advance(TimeSpan.FromSeconds(0.5));
        Assert.Equal(3, budget.Left);
        _time.Advance(TimeSpan.FromHours(1));
        Assert.Equal(10, budget.Left);
    }

    private ProviderLine Line(string name, int order = 0, decimal cost = 0, string[]? prefixes = null) =>
        TestLines.Create(new ScriptedProvider(Down), _time, name, order: order, cost: cost, prefixes: prefixes);

    private static string Names(RouteTable table, string number) => string.Join(' ', table.Of(number).Select(line => line.Name));
}
