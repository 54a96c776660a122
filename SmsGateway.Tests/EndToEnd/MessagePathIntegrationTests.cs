using System.Net;
using System.Text.Json;

namespace SmsGateway.Tests.EndToEnd;

/// <summary>Follows messages through the running gateway, from Nginx to the provider and back by its receipts.</summary>
[Collection(EndToEndTestGroup.Name)]
public sealed class MessagePathIntegrationTests(RunningStack stack) : IClassFixture<RunningStack>
{
    private const long SegmentUnits = 1_000;
    private const long CreditUnits = 50_000;

    /// <summary>What the gateway promises from the 202 to delivery, by a provider that needs a quarter of a second.</summary>
    private static readonly TimeSpan DeliveryLimit = TimeSpan.FromSeconds(3);

    /// <summary>For what is only promised to happen.</summary>
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(15);

    [Fact]
    public async Task Send_of_a_message_ends_delivered_within_three_seconds_with_its_history_and_cost()
    {
        var customer = await stack.NewCustomerAsync(CreditUnits);

        var answer = await customer.SendAsync(new { recipient = "+491701234567", message = "hello", client_reference = "order 7" });
        Assert.Equal(HttpStatusCode.Accepted, answer.Status);
        var id = answer.Body.GetProperty("sms_id").GetGuid();
        var message = await customer.WaitForStatusAsync(id, "delivered", DeliveryLimit);

        Assert.Equal("queued", answer.Body.GetProperty("status").GetString());
        Assert.Equal(SegmentUnits, answer.Units("cost"));
        Assert.Equal(SegmentUnits, new Answer(answer.Status, message, IsReplay: false).Units("cost"));
        Assert.Equal("+491701234567", message.GetProperty("recipient").GetString());
        Assert.Equal("order 7", message.GetProperty("client_reference").GetString());
        Assert.Equal("simulator", message.GetProperty("provider").GetString());
        Assert.Equal(["queued", "sent", "delivered"], StatesOf(message));
        var times = message.GetProperty("history").EnumerateArray().Select(entry => entry.GetProperty("at").GetDateTimeOffset()).ToList();
        Assert.Equal(times.Order(), times);

        Assert.Equal(CreditUnits - SegmentUnits, await customer.BalanceAsync());
        var atProvider = Assert.Single((await stack.Simulator.ReadLogAsync())[id]);
        Assert.Equal(atProvider.Sid, message.GetProperty("provider_message_id").GetString());
        await stack.AssertAuditIsCleanAsync();
    }

    [Fact]
    public async Task Send_of_a_long_express_message_costs_each_segment_twice()
    {
        var customer = await stack.NewCustomerAsync(CreditUnits);

        string text = new('x', 161);
        var id = await customer.SendAcceptedAsync(new { recipient = "+491701234567", message = text, priority = "express" });

        var message = await customer.WaitForStatusAsync(id, "delivered", DeliveryLimit);
        Assert.Equal(2, message.GetProperty("segments").GetInt32());
        Assert.Equal(CreditUnits - (2 * 2 * SegmentUnits), await customer.BalanceAsync());
    }

    [Fact]
    public async Task Cancel_of_a_scheduled_message_gives_its_cost_back_once()
    {
        var customer = await stack.NewCustomerAsync(CreditUnits);
        var id = await customer.SendAcceptedAsync(new
        {
            recipient = "+491701234567",
            message = "tomorrow",
            scheduled_at = TimeProvider.System.GetUtcNow().AddDays(1),
        });
        Assert.Equal(CreditUnits - SegmentUnits, await customer.BalanceAsync());

        // At the same time: both are told that it is cancelled.
        var answers = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => customer.PostAsync($"/api/sms/messages/{id}/cancel/")));

        Assert.All(answers, answer => Assert.Equal(HttpStatusCode.OK, answer.Status));
        await customer.WaitForStatusAsync(id, "cancelled", Limit);
        await customer.WaitForBalanceAsync(CreditUnits, Limit);
        Assert.Equal(1, await CountRefundsAsync(customer));
        Assert.False((await stack.Simulator.ReadLogAsync()).Contains(id));
        await stack.AssertAuditIsCleanAsync();
    }

    [Fact]
    public async Task Cancel_of_a_delivered_message_is_too_late_and_gives_nothing_back()
    {
        var customer = await stack.NewCustomerAsync(CreditUnits);
        var id = await customer.SendAcceptedAsync(new { recipient = "+491701234567", message = "hello" });
        await customer.WaitForStatusAsync(id, "delivered", Limit);

        var answer = await customer.PostAsync($"/api/sms/messages/{id}/cancel/");

        Assert.Equal(HttpStatusCode.Conflict, answer.Status);
        Assert.Equal("delivered", answer.Body.GetProperty("state").GetString());
        Assert.Equal(0, await CountRefundsAsync(customer));
    }

    [Fact]
    public async Task Message_that_the_provider_refuses_fails_and_is_refunded()
    {
        var customer = await stack.NewCustomerAsync(CreditUnits);

        var id = await customer.SendAcceptedAsync(new { recipient = "+99940012345", message = "hello" });

        var message = await customer.WaitForStatusAsync(id, "failed", Limit);
        Assert.Equal("21610", message.GetProperty("error_code").GetString());
        await customer.WaitForBalanceAsync(CreditUnits, Limit);
        Assert.Equal(1, await CountRefundsAsync(customer));
        await stack.AssertAuditIsCleanAsync();
    }

    [Theory]
    [InlineData("+99910212345")] // taken, and the connection is reset before the answer
    [InlineData("+99910312345")] // taken, and the connection ends within the answer
    [InlineData("+99910412345")] // taken, and the answer is not JSON
    public async Task Message_whose_answer_is_lost_is_asked_for_again_and_sent_once(string recipient)
    {
        var customer = await stack.NewCustomerAsync(CreditUnits);

        var id = await customer.SendAcceptedAsync(new { recipient, message = "hello" });

        // The provider takes it, and its answer is lost every time; the receipt tells.
        var message = await customer.WaitForStatusAsync(id, "delivered", Limit);
        Assert.Single((await stack.Simulator.ReadLogAsync())[id]);
        Assert.Contains("unknown", StatesOf(message));
        Assert.Equal(CreditUnits - SegmentUnits, await customer.BalanceAsync());
    }

    [Fact]
    public async Task Message_that_the_network_does_not_deliver_ends_undelivered_and_is_paid()
    {
        var customer = await stack.NewCustomerAsync(CreditUnits);

        var id = await customer.SendAcceptedAsync(new { recipient = "+99920112345", message = "hello" });

        await customer.WaitForStatusAsync(id, "undelivered", Limit);
        Assert.Equal(CreditUnits - SegmentUnits, await customer.BalanceAsync());
        Assert.Equal(0, await CountRefundsAsync(customer));
    }

    [Fact]
    public async Task Message_scheduled_for_a_moment_ahead_is_sent_then()
    {
        var customer = await stack.NewCustomerAsync(CreditUnits);
        var due = TimeProvider.System.GetUtcNow().AddSeconds(2);

        var id = await customer.SendAcceptedAsync(new { recipient = "+491701234567", message = "hello", scheduled_at = due });

        await customer.WaitForStatusAsync(id, "delivered", Limit);
        Assert.True(Assert.Single((await stack.Simulator.ReadLogAsync())[id]).AcceptedAt >= due.AddMilliseconds(-1));
    }

    private static IEnumerable<string?> StatesOf(JsonElement message) =>
        message.GetProperty("history").EnumerateArray().Select(entry => entry.GetProperty("status").GetString());

    private async Task<long> CountRefundsAsync(Customer customer)
    {
        await using var command = stack.Database.CreateCommand("SELECT count(*) FROM credit_ledger WHERE user_id = $1 AND kind = 'refund'");
        command.Parameters.Add(new() { Value = customer.UserId });
        return (long)(await command.ExecuteScalarAsync())!;
    }
}
