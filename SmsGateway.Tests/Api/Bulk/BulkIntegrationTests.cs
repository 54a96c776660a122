using System.Globalization;
using System.Net;

using SmsGateway.Tests.EndToEnd;

namespace SmsGateway.Tests.Api.Bulk;

/// <summary>Many messages in one call, through Nginx.</summary>
[Collection(RequestTestGroup.Name)]
public sealed class BulkIntegrationTests(RunningStack stack)
{
    private const string Path = "/api/sms/bulk/";
    private const long SegmentUnits = 1_000;
    private const long CreditUnits = 100_000_000;

    private static readonly TimeSpan DeliveryLimit = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task Bulk_of_two_reaches_both_and_shows_each()
    {
        var customer = await stack.NewCustomerAsync(CreditUnits);

        var answer = await customer.PostAsync(Path, new
        {
            sender = "Shop",
            messages = new object[]
            {
                new { recipient = "+491701234567", message = "hello", client_reference = "a" },
                new { recipient = "+447700900123", message = new string('я', 71), priority = "express" },
            },
        });

        Assert.Equal(HttpStatusCode.Accepted, answer.Status);
        Assert.Equal((2, 5 * SegmentUnits), (answer.Body.GetProperty("count").GetInt32(), answer.Units("cost")));
        var results = answer.Body.GetProperty("results").EnumerateArray().ToArray();
        Assert.Equal(
            [("+491701234567", 1, "GSM-7"), ("+447700900123", 2, "UCS-2")],
            results.Select(item => (item.GetProperty("recipient").GetString(), item.GetProperty("segments").GetInt32(), item.GetProperty("encoding").GetString())));
        foreach (var item in results)
        {
            var message = await customer.WaitForStatusAsync(item.GetProperty("sms_id").GetGuid(), "delivered", DeliveryLimit);
            Assert.Equal("Shop", message.GetProperty("sender").GetString());
            Assert.Equal(item.GetProperty("cost").GetDecimal(), message.GetProperty("cost").GetDecimal());
        }

        Assert.Equal(CreditUnits - (5 * SegmentUnits), await customer.BalanceAsync());
    }

    [Fact]
    public async Task Bulk_of_the_most_messages_is_taken_and_its_repetition_gets_the_same_answer()
    {
        var customer = await stack.NewCustomerAsync(CreditUnits);
        var body = new { message = "hello", recipients = Enumerable.Range(0, 10_000).Select(Recipient) };

        var first = await customer.PostAsync(Path, body, "bulk-1");
        var second = await customer.PostAsync(Path, body, "bulk-1");

        Assert.Equal(HttpStatusCode.Accepted, first.Status);
        Assert.Equal(10_000, Ids(first).Distinct().Count());
        Assert.True(second.IsReplay);
        Assert.Equal(first.Body.GetRawText(), second.Body.GetRawText());
        Assert.Equal(CreditUnits - (10_000 * SegmentUnits), await customer.BalanceAsync());
    }

    [Fact]
    public async Task Bulk_dry_run_shows_the_cost_and_charges_nothing()
    {
        var customer = await stack.NewCustomerAsync(CreditUnits);

        var answer = await customer.PostAsync(Path, new { message = "hello", recipients = new[] { Recipient(1), Recipient(2) }, priority = "express", dry_run = true });

        Assert.Equal(HttpStatusCode.OK, answer.Status);
        Assert.Equal(4 * SegmentUnits, answer.Units("cost"));
        Assert.Equal(2, answer.Body.GetProperty("results").GetArrayLength());
        Assert.Equal(CreditUnits, await customer.BalanceAsync());
    }

    [Fact]
    public async Task Bulk_dearer_than_max_cost_or_the_balance_is_refused_whole()
    {
        var customer = await stack.NewCustomerAsync(3 * SegmentUnits);
        string[] recipients = [.. Enumerable.Range(0, 4).Select(Recipient)];

        var tooDear = await customer.PostAsync(Path, new { message = "hello", recipients, max_cost = 0.3m });
        var tooPoor = await customer.PostAsync(Path, new { message = "hello", recipients });

        Assert.Equal((HttpStatusCode.UnprocessableEntity, 4 * SegmentUnits), (tooDear.Status, tooDear.Units("cost")));
        Assert.Equal(HttpStatusCode.PaymentRequired, tooPoor.Status);
        Assert.Equal((3 * SegmentUnits, 4 * SegmentUnits), (tooPoor.Units("balance"), tooPoor.Units("cost")));
        Assert.Equal(3 * SegmentUnits, await customer.BalanceAsync());
    }

    [Fact]
    public async Task Bulk_with_one_message_at_fault_is_refused_whole_and_names_it()
    {
        var customer = await stack.NewCustomerAsync(CreditUnits);

        var answer = await customer.PostAsync(Path, new
        {
            message = "hello",
            messages = new object[] { new { recipient = Recipient(0) }, new { recipient = Recipient(1), scheduled_at = "2020-01-01T00:00:00Z" } },
        });

        Assert.Equal(HttpStatusCode.BadRequest, answer.Status);
        Assert.Equal("messages[1].scheduled_at", Assert.Single(answer.Body.GetProperty("errors").EnumerateObject()).Name);
        Assert.Equal(CreditUnits, await customer.BalanceAsync());
    }

    [Fact]
    public async Task Bulk_beyond_the_size_of_a_body_is_refused()
    {
        var customer = await stack.NewCustomerAsync(CreditUnits);

        var answer = await customer.PostAsync(Path, new { message = new string('x', 9 * 1024 * 1024), recipients = new[] { Recipient(0) } });

        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, answer.Status);
    }

    [Fact]
    public async Task Bulk_scheduled_can_be_cancelled_message_by_message()
    {
        var customer = await stack.NewCustomerAsync(CreditUnits);
        string later = TimeProvider.System.GetUtcNow().AddHours(1).ToString("O", CultureInfo.InvariantCulture);
        var ids = Ids(await customer.PostAsync(Path, new { message = "hello", recipients = new[] { Recipient(0), Recipient(1) }, scheduled_at = later }));

        Assert.Equal(HttpStatusCode.OK, (await customer.PostAsync($"/api/sms/messages/{ids[0]}/cancel/")).Status);

        await customer.WaitForBalanceAsync(CreditUnits - SegmentUnits, DeliveryLimit);
        Assert.Equal("queued", (await customer.FindMessageAsync(ids[1])).GetProperty("status").GetString());
    }

    private static string Recipient(int number) => string.Create(CultureInfo.InvariantCulture, $"+4917012{number:00000}");

    private static Guid[] Ids(Answer answer)
    {
        Assert.True(answer.Status == HttpStatusCode.Accepted, answer.ToString());
        return [.. answer.Body.GetProperty("results").EnumerateArray().Select(item => item.GetProperty("sms_id").GetGuid())];
    }
}
