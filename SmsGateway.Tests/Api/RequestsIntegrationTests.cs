using System.Globalization;
using System.Net;

using SmsGateway.Core.Accounts;
using SmsGateway.Tests.EndToEnd;

namespace SmsGateway.Tests.Api;

/// <summary>What customers are answered by the real API, two replicas of it behind Nginx.</summary>
[Collection(RequestTestGroup.Name)]
public sealed partial class RequestsIntegrationTests(RunningStack stack)
{
    private const long SegmentUnits = 1_000;
    private const long CreditUnits = 50_000;

    private static readonly TimeSpan TopUpLimit = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan RevocationLimit = TimeSpan.FromSeconds(3);
    private static readonly object Hello = new { recipient = "+491701234567", message = "hello" };

    [Fact]
    public async Task Send_again_with_the_same_request_id_gets_the_first_answer_and_is_charged_once()
    {
        var customer = await stack.NewCustomerAsync(CreditUnits);

        var first = await customer.SendAsync(Hello, "order-1");
        var second = await customer.SendAsync(Hello, "order-1");

        Assert.Equal(HttpStatusCode.Accepted, first.Status);
        Assert.False(first.IsReplay);
        Assert.Equal(HttpStatusCode.Accepted, second.Status);
        Assert.True(second.IsReplay);
        Assert.Equal(first.Body.GetRawText(), second.Body.GetRawText());
        Assert.Equal(CreditUnits - SegmentUnits, await customer.BalanceAsync());
    }

    [Fact]
    public async Task Send_of_twins_at_the_same_time_is_taken_once()
    {
        const int Rounds = 20;
        const int Twins = 8;
        var customer = await stack.NewCustomerAsync(CreditUnits);
        for (int round = 0; round < Rounds; round++)
        {
            string requestId = string.Create(CultureInfo.InvariantCulture, $"twins-{round}");

            var answers = await Task.WhenAll(Enumerable.Range(0, Twins).Select(_ => customer.SendAsync(Hello, requestId)));

            Assert.All(answers, answer => Assert.Equal(HttpStatusCode.Accepted, answer.Status));
            Assert.Single(answers.Select(answer => answer.Body.GetProperty("sms_id").GetGuid()).Distinct());
            Assert.Single(answers, answer => !answer.IsReplay);
        }

        Assert.Equal(CreditUnits - (Rounds * SegmentUnits), await customer.BalanceAsync());
    }

    [Fact]
    public async Task Send_of_other_content_with_the_same_request_id_is_refused()
    {
        var customer = await stack.NewCustomerAsync(CreditUnits);
        await customer.SendAcceptedAsync(Hello, "order-1");

        var answer = await customer.SendAsync(new { recipient = "+491701234567", message = "goodbye" }, "order-1");

        Assert.Equal(HttpStatusCode.UnprocessableEntity, answer.Status);
        Assert.Equal(CreditUnits - SegmentUnits, await customer.BalanceAsync());
    }

    [Fact]
    public async Task Send_with_the_request_id_of_another_account_is_a_new_message()
    {
        var one = await stack.NewCustomerAsync(CreditUnits);
        var other = await stack.NewCustomerAsync(CreditUnits);

        Assert.NotEqual(await one.SendAcceptedAsync(Hello, "order-1"), await other.SendAcceptedAsync(Hello, "order-1"));
    }

    [Fact]
    public async Task Send_beyond_the_balance_is_refused_and_charges_nothing()
    {
        var customer = await stack.NewCustomerAsync(SegmentUnits);

        var refused = await customer.SendAsync(new { recipient = "+491701234567", message = "hello", priority = "express" });

        Assert.Equal(HttpStatusCode.PaymentRequired, refused.Status);
        Assert.Equal(SegmentUnits, refused.Units("balance"));
        Assert.Equal(2 * SegmentUnits, refused.Units("cost"));
        Assert.Equal(SegmentUnits, await customer.BalanceAsync());
    }

    [Fact]
    public async Task Send_by_many_at_once_never_overdraws()
    {
        const int Affordable = 5;
        var customer = await stack.NewCustomerAsync(Affordable * SegmentUnits);

        var answers = await Task.WhenAll(Enumerable.Range(0, 40).Select(_ => customer.SendAsync(Hello)));

        Assert.Equal(Affordable, answers.Count(answer => answer.Status == HttpStatusCode.Accepted));
        Assert.Equal(answers.Length - Affordable, answers.Count(answer => answer.Status == HttpStatusCode.PaymentRequired));
        Assert.Equal(0, await customer.BalanceAsync());
    }

    [Theory]
    [InlineData("sgw_unknown")]
    [InlineData("' OR 1=1 --")]
    public async Task Send_with_an_unknown_key_is_unauthorized(string key)
    {
        var answer = await new Customer(stack.Edge, userId: 0, key, creditUnits: 0).SendAsync(Hello);

        Assert.Equal(HttpStatusCode.Unauthorized, answer.Status);
    }

    [Fact]
    public async Task Send_with_a_key_just_revoked_is_unauthorized()
    {
        var customer = await stack.NewCustomerAsync(CreditUnits);
        await customer.SendAcceptedAsync(Hello);

        await using var revoke = stack.Database.CreateCommand(
            "UPDATE api_keys SET revoked_at = now(), changed_at = now() WHERE user_id = $1");
        revoke.Parameters.Add(new() { Value = customer.UserId });
        await revoke.ExecuteNonQueryAsync();

        // Both replicas: one that has not learnt it would take one of the two.
        await Until.CompleteAsync(RevocationLimit, async () =>
        {
            var answers = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => customer.SendAsync(Hello)));
            return answers.All(answer => answer.Status == HttpStatusCode.Unauthorized) ? "" : "the revocation of the key";
        });
    }

    [Fact]
    public async Task Send_of_what_is_not_allowed_names_each_field()
    {
        var customer = await stack.NewCustomerAsync(CreditUnits);

        var answer = await customer.SendAsync(new { recipient = "12", message = "", priority = "soon" });

        Assert.Equal(HttpStatusCode.BadRequest, answer.Status);
        Assert.Equal(
            ["message", "priority", "recipient"], answer.Body.GetProperty("errors").EnumerateObject().Select(field => field.Name).Order());
        Assert.Equal(CreditUnits, await customer.BalanceAsync());
    }

    [Fact]
    public async Task Top_up_shows_and_can_be_spent_within_a_second()
    {
        var customer = await stack.NewCustomerAsync(0, Rights.Send | Rights.Read | Rights.Billing);
        Assert.Equal(HttpStatusCode.PaymentRequired, (await customer.SendAsync(Hello)).Status);

        var answer = await customer.PostAsync("/api/credits/charge/", new { amount = 1.5m, reference = "invoice 1" });
        await customer.WaitForBalanceAsync(15_000, TopUpLimit);

        Assert.Equal(HttpStatusCode.OK, answer.Status);
        Assert.Equal(15_000, answer.Units("balance"));
        await customer.SendAcceptedAsync(Hello);
    }

    [Fact]
    public async Task Top_up_of_twins_at_the_same_time_is_credited_once()
    {
        var customer = await stack.NewCustomerAsync(0, Rights.Read | Rights.Billing);

        var answers = await Task.WhenAll(
            Enumerable.Range(0, 8).Select(_ => customer.PostAsync("/api/credits/charge/", new { amount = 1 }, "payment-1")));

        Assert.All(answers, answer => Assert.Equal(HttpStatusCode.OK, answer.Status));
        await customer.WaitForBalanceAsync(10_000, TopUpLimit);
        await stack.AssertAuditIsCleanAsync();
    }

    [Fact]
    public async Task Top_up_with_a_request_id_that_named_another_request_is_refused_whatever_it_names()
    {
        var customer = await stack.NewCustomerAsync(0, Rights.Read | Rights.Billing | Rights.Admin);
        var other = await stack.NewCustomerAsync(0);
        var charge = new { amount = 1.5m, reference = "invoice 1", description = "May", user_id = customer.UserId };
        Assert.Equal(HttpStatusCode.OK, (await customer.PostAsync("/api/credits/charge/", charge, "payment")).Status);

        Assert.True((await customer.PostAsync("/api/credits/charge/", charge, "payment")).IsReplay);
        object[] others = [charge with { amount = 2 }, charge with { reference = "invoice 2" }, charge with { description = "June" }, charge with { user_id = other.UserId }];
        foreach (object another in others)
        {
            Assert.Equal(HttpStatusCode.UnprocessableEntity, (await customer.PostAsync("/api/credits/charge/", another, "payment")).Status);
        }

        var row = Assert.Single((await customer.GetAsync("/api/credits/transactions/?kind=topup")).Body.GetProperty("results").EnumerateArray());
        Assert.Equal("invoice 1", row.GetProperty("reference").GetString());
        Assert.Equal((15_000, 0), (await customer.BalanceAsync(), await other.BalanceAsync()));
    }

    [Fact]
    public async Task Message_of_another_account_is_not_found()
    {
        var owner = await stack.NewCustomerAsync(CreditUnits);
        var stranger = await stack.NewCustomerAsync(CreditUnits);
        var id = await owner.SendAcceptedAsync(Hello);

        Assert.Equal(HttpStatusCode.NotFound, (await stranger.GetAsync($"/api/sms/messages/{id}/")).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await stranger.PostAsync($"/api/sms/messages/{id}/cancel/")).Status);
    }

    [Fact]
    public async Task Messages_and_statistics_show_what_was_sent()
    {
        var customer = await stack.NewCustomerAsync(CreditUnits);
        var sent = new List<Guid>();
        for (int i = 0; i < 3; i++)
        {
            sent.Add(await customer.SendAcceptedAsync(Hello));
        }

        foreach (var id in sent)
        {
            await customer.WaitForStatusAsync(id, "delivered", TimeSpan.FromSeconds(15));
        }

        var first = await customer.GetAsync("/api/sms/messages/?limit=2");
        var second = await customer.GetAsync(first.Body.GetProperty("next").GetString()!);
        var statistics = (await customer.GetAsync("/api/sms/statistics/")).Body;

        sent.Reverse();
        Assert.Equal(sent, Ids(first).Concat(Ids(second)));
        Assert.Equal(3, statistics.GetProperty("total").GetInt64());
        Assert.Equal(3, statistics.GetProperty("delivered").GetInt64());
        Assert.Equal(100m, statistics.GetProperty("success_rate").GetDecimal());

        static IEnumerable<Guid> Ids(Answer page) =>
            page.Body.GetProperty("results").EnumerateArray().Select(message => message.GetProperty("id").GetGuid());
    }

    [Theory]
    [InlineData("/metrics")]
    [InlineData("/METRICS/")]
    [InlineData("/admin")]
    [InlineData("//metrics")]
    [InlineData("/%6detrics")]
    public async Task What_is_for_operators_is_not_found_at_the_edge(string path)
    {
        using var answer = await stack.Edge.GetAsync(new Uri(stack.Edge.BaseAddress!.GetLeftPart(UriPartial.Authority) + path));

        Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
    }

    [Theory]
    [InlineData("/api/docs/")]
    [InlineData("/api/schema/")]
    [InlineData("/health/")]
    public async Task What_is_for_everybody_needs_no_key(string path)
    {
        using var answer = await stack.Edge.GetAsync(new Uri(path, UriKind.Relative));

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
    }
}
