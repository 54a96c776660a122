using Microsoft.AspNetCore.Http;

using SmsGateway.Api.Credits;
using SmsGateway.Api.Errors;
using SmsGateway.Api.Lists;
using SmsGateway.Core.Messages;

namespace SmsGateway.Tests.Api.Lists;

public sealed class PagingUnitTests
{
    private static readonly DateTimeOffset Now = new(2030, 1, 31, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public void Cursor_is_read_as_it_is_written()
    {
        foreach (var direction in Enum.GetValues<PageDirection>())
        {
            var cursor = new ListCursor<Guid>(direction, MessageId.New(Now));
            Assert.Equal(cursor, ListCursor.TryParse<Guid>(cursor.ToString(), MessageId.TryParse));
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData("older-")]
    [InlineData("older-1")]
    [InlineData("x")]
    [InlineData("older-00000000-0000-0000-0000-000000000000")]
    public void Cursor_of_messages_anything_else_is_refused(string text) =>
        Assert.Null(ListCursor.TryParse<Guid>(text, MessageId.TryParse));

    [Theory]
    [InlineData("older-7", true)]
    [InlineData("newer-9223372036854775807", true)]
    [InlineData("older--7", false)]
    [InlineData("older-9223372036854775808", false)]
    [InlineData("-7", false)]
    [InlineData("7", false)]
    public void Cursor_of_transactions_reads_only_what_it_writes(string text, bool isValid) =>
        Assert.Equal(isValid ? text : null, ListCursor.TryParse<long>(text, CreditEndpoints.TryParseLedgerId)?.ToString());

    [Fact]
    public void ReadCursor_none_is_the_first_page()
    {
        var errors = default(FieldErrors);
        Assert.Null(ListQuery.ReadCursor<long>("", CreditEndpoints.TryParseLedgerId, ref errors));
        Assert.False(errors.Any);
    }

    [Fact]
    public void ReadCursor_wrong_one_is_an_error()
    {
        var errors = default(FieldErrors);
        Assert.Null(ListQuery.ReadCursor<long>("older-x", CreditEndpoints.TryParseLedgerId, ref errors));
        Assert.Equal("cursor", Assert.Single(errors.ToProblem().Errors!).Key);
    }

    [Fact]
    public void Links_lead_from_the_edges_of_the_page()
    {
        var (next, previous) = new Page<long>([9, 8, 7], HasOlder: true, HasNewer: true).Links("/p/", QueryCollection.Empty, id => id);
        Assert.Equal(("/p/?cursor=older-7", "/p/?cursor=newer-9"), (next, previous));
        Assert.Equal((null, null), new Page<long>([9], HasOlder: false, HasNewer: false).Links("/p/", QueryCollection.Empty, id => id));
    }

    [Fact]
    public void Page_first_with_more_has_older_only() =>
        Assert.Equal((true, false, "5 4"), Show(Page.Of([5, 4, 3], 2, null)));

    [Fact]
    public void Page_last_has_newer_only() =>
        Assert.Equal((false, true, "2 1"), Show(Page.Of([2, 1], 2, PageDirection.Older)));

    [Fact]
    public void Page_towards_newer_is_still_newest_first() =>
        Assert.Equal((true, true, "4 3"), Show(Page.Of([3, 4, 5], 2, PageDirection.Newer)));

    [Fact]
    public void Page_empty_leads_nowhere() =>
        Assert.Equal((false, false, ""), Show(Page.Of<int>([], 2, PageDirection.Older)));

    [Theory]
    [InlineData("", 100, false)]
    [InlineData("1", 1, false)]
    [InlineData("100", 100, false)]
    [InlineData("0", 100, true)]
    [InlineData("101", 100, true)]
    [InlineData("-1", 100, true)]
    [InlineData("1.0", 100, true)]
    public void Limit_is_1_to_100(string text, int expected, bool isError)
    {
        var errors = default(FieldErrors);
        Assert.Equal(expected, ListQuery.Limit(text, ref errors));
        Assert.Equal(isError, errors.Any);
    }

    [Fact]
    public void Range_by_default_is_30_days()
    {
        var errors = default(FieldErrors);
        var (from, to) = ListQuery.Range(null, "", Now, ref errors);
        Assert.False(errors.Any);
        Assert.Equal(TimeSpan.FromDays(30), to - from);
        Assert.True(to > Now);
    }

    [Fact]
    public void Range_plus_sign_that_became_a_space_is_read()
    {
        var errors = default(FieldErrors);
        Assert.Equal(Now.AddHours(-1), ListQuery.Range("2030-01-31T12:00:00 01:00", null, Now, ref errors).From);
        Assert.False(errors.Any);
    }

    [Fact]
    public void Range_at_the_beginning_of_time_does_not_overflow()
    {
        var errors = default(FieldErrors);
        Assert.Equal(DateTimeOffset.MinValue, ListQuery.Range(null, "0001-01-02T00:00:00Z", Now, ref errors).From);
        Assert.False(errors.Any);
    }

    [Fact]
    public void Range_backwards_is_an_error()
    {
        var errors = default(FieldErrors);
        ListQuery.Range("2030-01-02T00:00:00Z", "2030-01-01T00:00:00Z", Now, ref errors);
        Assert.Equal("from", Assert.Single(errors.ToProblem().Errors!).Key);
    }

    [Fact]
    public void Link_keeps_filters_and_replaces_the_cursor()
    {
        var query = new QueryCollection(new Dictionary<string, Microsoft.Extensions.Primitives.StringValues>
        {
            ["status"] = "sent", ["cursor"] = "old", ["from"] = "2030-01-01T00:00:00+01:00", ["limit"] = "", ["other"] = "x",
        });
        Assert.Equal("/p/?cursor=new&status=sent&from=2030-01-01T00%3A00%3A00%2B01%3A00", ListQuery.Link("/p/", query, "new"));
    }

    private static (bool, bool, string) Show(Page<int> page) => (page.HasOlder, page.HasNewer, string.Join(' ', page.Items));
}
