using System.Net;

using SmsGateway.Core.Accounts;
using SmsGateway.Tests.EndToEnd;

namespace SmsGateway.Tests.Api;

/// <summary>The calls of the clients of the system that the gateway's first documents describe: paths, fields and answers.</summary>
[Collection(RequestTestGroup.Name)]
public sealed class FirstClientsIntegrationTests(RunningStack stack)
{
    private const long CreditUnits = 100_000;

    [Theory]
    [InlineData("")]
    [InlineData("/")]
    public async Task Calls_of_a_client_are_answered_with_the_fields_that_it_reads(string slash)
    {
        var client = await stack.NewCustomerAsync(CreditUnits, Rights.Send | Rights.Read | Rights.Billing);

        var sent = await client.PostAsync(
            $"/api/sms/send{slash}",
            new { recipient = "+491701234567", message = "hello", priority = "express", scheduled_at = TimeProvider.System.GetUtcNow().AddHours(1) }, "first-1");
        AssertFields(HttpStatusCode.Accepted, sent, "success", "message", "sms_id", "cost", "status");
        Assert.Equal("queued", sent.Body.GetProperty("status").GetString());
        string id = sent.Body.GetProperty("sms_id").GetString()!;

        AssertFields(HttpStatusCode.OK, await client.GetAsync($"/api/sms/messages/{id}{slash}"), "id", "recipient", "message", "status", "cost");
        var list = await client.GetAsync($"/api/sms/messages{slash}?status=queued&limit=10");
        AssertFields(HttpStatusCode.OK, list, "next", "previous", "results");
        AssertFields(HttpStatusCode.OK, await client.PostAsync($"/api/sms/messages/{id}/cancel{slash}"), "success", "message", "sms_id", "status");
        AssertFields(HttpStatusCode.OK, await client.GetAsync($"/api/sms/statistics{slash}"), "total", "sent", "failed", "pending", "success_rate");
        AssertFields(HttpStatusCode.OK, await client.GetAsync($"/api/credits/balance{slash}"), "balance");
        AssertFields(HttpStatusCode.OK, await client.PostAsync($"/api/credits/charge{slash}", new { amount = 10, description = "first" }), "success", "message", "balance");
        AssertFields(HttpStatusCode.OK, await client.GetAsync($"/api/credits/transactions{slash}"), "results");
        AssertFields(HttpStatusCode.OK, await client.GetAsync($"/health{slash}"), "status", "components");
    }

    [Fact]
    public async Task Refusal_has_the_member_that_a_client_shows()
    {
        var client = await stack.NewCustomerAsync(0);

        var refused = await client.SendAsync(new { recipient = "+491701234567", message = "hello" });

        Assert.Equal(HttpStatusCode.PaymentRequired, refused.Status);
        Assert.Equal("The balance is too low", refused.Body.GetProperty("error").GetString());
    }

    [Fact]
    public async Task Root_leads_to_the_documentation()
    {
        using var answer = await stack.Edge.GetAsync(new Uri("/", UriKind.Relative));

        Assert.Equal("/api/docs/", answer.RequestMessage!.RequestUri!.AbsolutePath);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
    }

    private static void AssertFields(HttpStatusCode status, Answer answer, params string[] fields)
    {
        Assert.True(answer.Status == status, answer.ToString());
        Assert.All(fields, field => Assert.True(answer.Body.TryGetProperty(field, out _), $"{field} in {answer.Body.GetRawText()}"));
    }
}
