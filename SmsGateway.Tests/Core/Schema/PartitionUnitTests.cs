using SmsGateway.Core.Schema;

namespace SmsGateway.Tests.Core.Schema;

public sealed class PartitionUnitTests
{
    private static readonly DateTimeOffset LeapDay = new(2028, 2, 29, 23, 59, 59, 999, TimeSpan.Zero);

    [Theory]
    [InlineData(PartitionInterval.Day, "sms_messages_y2028m02d29", "2028-02-29", "2028-03-01")]
    [InlineData(PartitionInterval.Month, "sms_messages_y2028m02", "2028-02-01", "2028-03-01")]
    [InlineData(PartitionInterval.Year, "sms_messages_y2028", "2028-01-01", "2029-01-01")]
    public void Holding_instant_gives_the_whole_interval_in_UTC(PartitionInterval interval, string name, string from, string to)
    {
        // The same instant, told in a zone where the next day has begun.
        var partition = Partition.Holding(LeapDay.ToOffset(TimeSpan.FromHours(9)), interval);

        Assert.Equal(new(name, Utc(from), Utc(to)), partition);
        Assert.True(partition.Holds(LeapDay));
        Assert.False(partition.Holds(partition.To));
    }

    [Fact]
    public void Between_others_of_another_interval_is_the_gap_around_the_instant()
    {
        var month = Partition.Holding(LeapDay, PartitionInterval.Month);
        Partition[] days = [.. new[] { 3, 10, 20, 21 }.Select(day => Partition.Holding(new(2028, 2, day, 0, 0, 0, TimeSpan.Zero), PartitionInterval.Day))];

        Assert.Equal(new("sms_messages_y2028m02_20280211", Utc("2028-02-11"), Utc("2028-02-20")), month.Between(Utc("2028-02-15"), days));
        Assert.Equal(new("sms_messages_y2028m02_20280222", Utc("2028-02-22"), Utc("2028-03-01")), month.Between(LeapDay, days));
        Assert.Equal(new("sms_messages_y2028m02_20280201", Utc("2028-02-01"), Utc("2028-02-03")), month.Between(Utc("2028-02-01"), days));
    }

    private static DateTimeOffset Utc(string date) => DateTimeOffset.Parse($"{date}T00:00:00Z", System.Globalization.CultureInfo.InvariantCulture);
}
