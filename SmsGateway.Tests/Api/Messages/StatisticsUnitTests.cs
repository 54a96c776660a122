using SmsGateway.Api.Messages;
using SmsGateway.Core.Messages;

namespace SmsGateway.Tests.Api.Messages;

public sealed class StatisticsUnitTests
{
    [Fact]
    public void Of_every_state_is_counted_once()
    {
        var view = Statistics.Of(state => 1L << (int)state);
        Assert.Equal(255, view.Total);
        Assert.Equal(view.Total, view.Sent + view.Failed + view.Pending + view.Cancelled);
        Assert.Equal((1L << (int)MessageState.Sent) + (1L << (int)MessageState.Delivered), view.Sent);
    }

    [Fact]
    public void Of_success_rate_is_percent_with_two_places()
    {
        var view = Statistics.Of(state => state is MessageState.Sent or MessageState.Delivered or MessageState.Failed ? 1 : 0);
        Assert.Equal(66.67m, view.SuccessRate);
    }

    [Fact]
    public void Of_nothing_has_no_rate() => Assert.Equal(0, Statistics.Of(_ => 0).SuccessRate);
}
