using SmsGateway.Tests.Fixtures;
using SmsGateway.Workers.Webhooks;

namespace SmsGateway.Tests.Workers.Webhooks;

public sealed class WebhookLanesUnitTests
{
    private const int Slots = 8;
    private const int SlotsPerLane = 3;

    private readonly TestClock _clock = new();
    private readonly WebhookLanes _lanes;

    public WebhookLanesUnitTests() => _lanes = new(Slots, SlotsPerLane, _clock, new Random(1));

    [Fact]
    public void Restricted_healthy_lane_has_room_for_what_is_not_under_way()
    {
        _lanes.Begin(new(1, 0));
        _lanes.Begin(new(1, 0));

        Assert.Equal([(new Lane(1, 0), SlotsPerLane - 2)], _lanes.Restricted());
        Assert.Equal(Slots - 2, _lanes.Free);
    }

    [Fact]
    public void Restricted_lane_that_failed_has_room_for_one_until_it_succeeds()
    {
        Trouble(1);
        Assert.Equal([(new Lane(1, 0), 1)], _lanes.Restricted());

        _lanes.Begin(new(1, 0));
        Assert.Equal([(new Lane(1, 0), 0)], _lanes.Restricted());

        _lanes.End(new(1, 0), isTroubled: false, TimeSpan.Zero);
        Assert.Empty(_lanes.Restricted());
    }

    [Fact]
    public void Restricted_many_lanes_in_trouble_get_half_of_the_slots()
    {
        foreach (long userId in Enumerable.Range(1, 100))
        {
            Trouble(userId);
        }

        Assert.Equal(Slots / 2, _lanes.Restricted().Sum(lane => lane.Room));
        _lanes.Begin(new(7, 0));
        Assert.Equal(Slots / 2 - 1, _lanes.Restricted().Sum(lane => lane.Room));
    }

    [Fact]
    public void Restricted_every_lane_in_trouble_has_its_chance()
    {
        foreach (long userId in Enumerable.Range(1, 20))
        {
            Trouble(userId);
        }

        var seen = Enumerable.Range(0, 1_000).SelectMany(_ => _lanes.Restricted().Where(lane => lane.Room > 0)).Select(lane => lane.Lane.UserId);

        Assert.Equal(20, seen.Distinct().Count());
    }

    [Fact]
    public void Restricted_lane_that_asked_for_rest_gets_it()
    {
        Trouble(1, TimeSpan.FromMinutes(1));
        Assert.Equal(0, Assert.Single(_lanes.Restricted()).Room);

        _clock.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(1, Assert.Single(_lanes.Restricted()).Room);
    }

    [Fact]
    public void Restricted_trouble_is_forgotten()
    {
        Trouble(1);
        _clock.Advance(TimeSpan.FromHours(2));

        Assert.Empty(_lanes.Restricted());
    }

    private void Trouble(long userId, TimeSpan rest = default)
    {
        _lanes.Begin(new(userId, 0));
        _lanes.End(new(userId, 0), isTroubled: true, rest);
    }
}
