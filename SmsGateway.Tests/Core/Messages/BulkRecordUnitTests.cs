using FsCheck;
using FsCheck.Fluent;

using SmsGateway.Core.Messages;

namespace SmsGateway.Tests.Core.Messages;

public sealed class BulkRecordUnitTests
{
    private static readonly Guid First = MessageId.NewBulk(DateTimeOffset.UnixEpoch.AddYears(60));

    [Fact]
    public void ToString_equal_costs_are_counted() =>
        Assert.Equal($"bulk:f {First} 1000*3,2000*1,1000*1", new BulkRecord("bulk:f", First, [1000, 1000, 1000, 2000, 1000]).ToString());

    [Fact]
    public void Parse_any_record_is_read_as_it_was_written()
    {
        var costs = Gen.Choose(0, 3).ArrayOf().Where(list => list.Length > 0).ToArbitrary();
        Prop.ForAll(costs, list =>
        {
            var record = new BulkRecord("bulk:f", First, [.. list.Select(cost => cost * 1_000_000_000_000_000L)]);
            var read = BulkRecord.Parse(record.ToString());
            return read.First == First && read.Fingerprint == "bulk:f" && read.Costs.SequenceEqual(record.Costs);
        }).QuickCheckThrowOnFailure();
    }

    [Theory]
    [InlineData("bulk:f")]
    [InlineData("bulk:f 0199c0de-0000-7000-8000-000000000000")]
    [InlineData("bulk:f 0199c0de-0000-7000-8000-000000000000 1000")]
    [InlineData("bulk:f nothing 1000*1")]
    public void Parse_anything_else_is_refused(string text) => Assert.Throws<FormatException>(() => BulkRecord.Parse(text));

    [Fact]
    public void Parse_more_than_a_bulk_holds_is_refused() =>
        Assert.ThrowsAny<ArgumentException>(() => BulkRecord.Parse($"bulk:f {First} 1000*2000000000"));

    [Fact]
    public void IsComplete_says_whether_each_is_there()
    {
        Assert.True(new BulkRecord("", First, [1, 2]).IsComplete(2));
        Assert.False(new BulkRecord("", First, [1, 2]).IsComplete(3));
        Assert.False(new BulkRecord("", First, [1, 0]).IsComplete(2));
    }

    [Fact]
    public void Ids_of_a_bulk_are_valid_ascending_and_lead_back_to_the_first()
    {
        var now = new DateTimeOffset(2026, 1, 31, 12, 0, 0, TimeSpan.Zero);
        var first = MessageId.NewBulk(now);
        string before = "";
        for (int position = 0; position < BulkRecord.MostMessages; position++)
        {
            var id = MessageId.InBulk(first, position);
            Assert.True(MessageId.IsValid(id));
            Assert.Equal(now, MessageId.CreatedAt(id));
            Assert.Equal((first, position), MessageId.OfBulk(id));
            Assert.True(string.CompareOrdinal(before, id.ToString()) < 0);
            before = id.ToString();
        }
    }

    [Fact]
    public void InBulk_beyond_its_room_is_refused() => Assert.Throws<ArgumentOutOfRangeException>(() => MessageId.InBulk(First, 1 << 14));
}
