using System.Net;
using System.Text.Json;

namespace SmsGateway.Tests.Api;

/// <summary>Callers without a key, and with words that mean something to SQL, Lua, Redis or a log.</summary>
public sealed partial class RequestsIntegrationTests
{
    /// <summary>Read by everybody; receipts carry signatures of their own.</summary>
    private static readonly string[] Open = ["/health", "/api/receipts/", "/api/docs", "/api/schema", "/problems"];

    [Fact]
    public async Task Every_call_but_health_docs_and_receipts_needs_a_key()
    {
        // At a replica: the edge knows no calls of operators.
        using var schema = JsonDocument.Parse(await stack.Api.GetStringAsync(new Uri("/api/schema/", UriKind.Relative)));
        int calls = 0;
        foreach (var path in schema.RootElement.GetProperty("paths").EnumerateObject().Where(path => !Open.Any(path.Name.StartsWith)))
        {
            foreach (var call in path.Value.EnumerateObject().Where(member => member.Name is "get" or "post" or "put" or "patch" or "delete"))
            {
                var uri = new Uri(path.Name.Replace("{id}", Guid.CreateVersion7().ToString(), StringComparison.Ordinal), UriKind.Relative);
                using var request = new HttpRequestMessage(new HttpMethod(call.Name), uri);
                using var answer = await stack.Api.SendAsync(request);
                Assert.True(answer.StatusCode == HttpStatusCode.Unauthorized, $"{call.Name} {uri}: {answer.StatusCode}");
                calls++;
            }
        }

        // Fewer would mean that the schema does not name them.
        Assert.True(calls >= 8, $"the schema names {calls} calls that need a key");
    }

    [Theory]
    [InlineData("'); DROP TABLE sms_messages; --", "' OR '1'='1")]
    [InlineData("\\'; COPY sms_messages TO PROGRAM 'true'; --", "$1")]
    [InlineData("]] redis.call('FLUSHALL') --[[", "\" .. redis.call('FLUSHALL') .. \"")]
    [InlineData("{0}:user_balance_1 \",\"only_provider\":\"simulator\"", "*\" \"only_provider\":\"x\"")]
    [InlineData("hello\r\nfail: SmsGateway.Api[1] forged\u001b[31m", "2026-01-01T00:00:00Z fail: forged")]
    [InlineData("\t\\t\\x00tail of a COPY line\\.", "\\N")]
    public async Task Send_of_what_others_would_execute_arrives_as_it_was_written(string text, string name)
    {
        var customer = await stack.NewCustomerAsync(CreditUnits);
        var message = new { recipient = "+491701234567", message = text, client_reference = name };

        var answer = await customer.SendAsync(message, name);
        if (answer.Status == HttpStatusCode.BadRequest)
        {
            // What cannot be shown to a log is refused by name, and charged nothing.
            Assert.Equal(CreditUnits, await customer.BalanceAsync());
            return;
        }

        Assert.True(answer.Status == HttpStatusCode.Accepted, answer.ToString());
        var id = answer.Body.GetProperty("sms_id").GetGuid();
        var stored = await customer.WaitForStatusAsync(id, "delivered", TimeSpan.FromSeconds(10));
        Assert.Equal((text, name), (stored.GetProperty("message").GetString(), stored.GetProperty("client_reference").GetString()));
        Assert.True((await customer.SendAsync(message, name)).IsReplay);
        Assert.Equal(CreditUnits - answer.Units("cost"), await customer.BalanceAsync());
    }

    [Theory]
    [InlineData("cursor=' OR 1=1 --")]
    [InlineData("status=queued' OR '1'='1")]
    [InlineData("limit=1;DROP TABLE sms_messages")]
    public async Task List_by_what_is_sql_is_refused(string query)
    {
        var customer = await stack.NewCustomerAsync(CreditUnits);

        var answer = await customer.GetAsync($"/api/sms/messages/?{Uri.EscapeDataString(query).Replace("%3D", "=", StringComparison.Ordinal)}");

        Assert.Equal(HttpStatusCode.BadRequest, answer.Status);
    }
}
