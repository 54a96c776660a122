using SmsGateway.Core.Messages;

namespace SmsGateway.Tests.Core.Messages;

public sealed class MessageIdUnitTests
{
    [Fact]
    public void CreatedAt_new_id_is_the_time_to_the_millisecond()
    {
        var now = new DateTimeOffset(2026, 2, 28, 23, 59, 59, 999, TimeSpan.FromHours(2));

        var createdAt = MessageId.CreatedAt(MessageId.New(now));

        Assert.Equal(now.ToUniversalTime(), createdAt);
    }

    [Fact]
    public void New_and_NewBulk_within_one_millisecond_sort_as_they_came()
    {
        var start = new DateTimeOffset(2026, 11, 30, 23, 59, 59, 999, TimeSpan.Zero);
        var times = Enumerable.Range(0, 1000).Select(step => start.AddTicks(step * 10)).ToArray();

        var ids = times.Select((time, step) => step % 2 == 0 ? MessageId.New(time) : MessageId.NewBulk(time)).ToArray();

        Assert.Equal(ids.OrderBy(id => id.ToString(), StringComparer.Ordinal), ids);
        Assert.All(ids, id => Assert.True(MessageId.IsValid(id)));
        Assert.All(ids, id => Assert.Equal(start, MessageId.CreatedAt(id)));
    }

    [Theory]
    [InlineData("019a9f5e-8c00-7000-8000-000000000000", true)]
    [InlineData("019A9F5E-8C00-7000-8000-000000000000", true)]
    [InlineData("019a9f5e-8c00-4000-8000-000000000000", false)]
    [InlineData("019a9f5e-8c00-7000-0000-000000000000", false)]
    [InlineData("00000000-0000-7000-8000-000000000000", false)]
    [InlineData("ffffffff-ffff-7fff-bfff-ffffffffffff", false)]
    [InlineData("019a9f5e8c0070008000000000000000", false)]
    [InlineData("", false)]
    [InlineData(null, false)]
    public void TryParse_takes_only_ids_that_can_be_ours(string? text, bool expected) =>
        Assert.Equal(expected, MessageId.TryParse(text, out _));
}
