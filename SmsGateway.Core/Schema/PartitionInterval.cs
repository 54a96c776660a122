using System.Globalization;

namespace SmsGateway.Core.Schema;

/// <summary>How much time one partition of <c>sms_messages</c> holds. All bounds are in UTC.</summary>
public enum PartitionInterval
{
    Month,
    Day,
    Year,
}

/// <summary>One partition: its name and its half-open range of creation times.</summary>
public readonly record struct Partition(string Name, DateTimeOffset From, DateTimeOffset To)
{
    /// <summary>The partition that holds an instant: <c>sms_messages_y2026m01</c>, <c>sms_messages_y2026m01d31</c> or <c>sms_messages_y2026</c>.</summary>
    public static Partition Holding(DateTimeOffset instant, PartitionInterval interval)
    {
        var utc = instant.UtcDateTime;
        return interval switch
        {
            PartitionInterval.Day => Make(utc.Date, from => from.AddDays(1), "'y'yyyy'm'MM'd'dd"),
            PartitionInterval.Month => Make(new DateTime(utc.Year, utc.Month, 1), from => from.AddMonths(1), "'y'yyyy'm'MM"),
            PartitionInterval.Year => Make(new DateTime(utc.Year, 1, 1), from => from.AddYears(1), "'y'yyyy"),
            _ => throw new ArgumentOutOfRangeException(nameof(interval), interval, "unknown interval"),
        };
    }

    public bool Holds(DateTimeOffset instant) => instant >= From && instant < To;

    /// <summary>
    /// What is left of it around an instant where others hold parts of it, none of them the instant: partitions of another interval, from before
    /// that was changed. Named after its beginning too, for there may be several such rests.
    /// </summary>
    public Partition Between(DateTimeOffset instant, IEnumerable<Partition> others)
    {
        var (from, to) = (From, To);
        foreach (var other in others)
        {
            if (other.To <= instant && other.To > from)
            {
                from = other.To;
            }
            else if (other.From > instant && other.From < to)
            {
                to = other.From;
            }
        }

        return from == From && to == To ? this : new($"{Name}_{from.UtcDateTime.ToString("yyyyMMdd", CultureInfo.InvariantCulture)}", from, to);
    }

    private static Partition Make(DateTime from, Func<DateTime, DateTime> next, string format) => new(
        "sms_messages_" + from.ToString(format, CultureInfo.InvariantCulture),
        new DateTimeOffset(from, TimeSpan.Zero),
        new DateTimeOffset(next(from), TimeSpan.Zero));
}
