using System.Net;
using System.Text.Json;

using SmsGateway.Core.Accounts;
using SmsGateway.Tests.EndToEnd;

namespace SmsGateway.Tests.Api.Keys;

/// <summary>Operators and the keys of accounts, at a replica of the API itself.</summary>
[Collection(RequestTestGroup.Name)]
public sealed class KeysIntegrationTests(RunningStack stack)
{
    private static readonly TimeSpan EffectLimit = TimeSpan.FromSeconds(1);

    [Fact]
    public async Task Key_is_made_used_rotated_and_revoked()
    {
        var operatorOf = await NewOperatorAsync();
        long userId = (await stack.NewCustomerAsync(0)).UserId;
        string path = $"/api/admin/accounts/{userId}/keys/";

        var made = await operatorOf.PostAsync(path, new { name = "web shop", rights = new[] { "read" }, expires_at = "2099-01-01T00:00:00Z" });
        Assert.Equal(HttpStatusCode.Created, made.Status);
        string first = made.Body.GetProperty("key").GetString()!;
        await WaitForAsync(first, userId, HttpStatusCode.OK);
        Assert.Equal(HttpStatusCode.Forbidden, (await With(first, userId).SendAsync(new { recipient = "+491701234567", message = "hi" })).Status);
        Assert.Equal(HttpStatusCode.Conflict, (await operatorOf.PostAsync(path, new { name = "web shop", rights = new[] { "read" } })).Status);

        string second = (await operatorOf.PostAsync($"{path}web%20shop/rotate/")).Body.GetProperty("key").GetString()!;
        await WaitForAsync(first, userId, HttpStatusCode.Unauthorized);
        await WaitForAsync(second, userId, HttpStatusCode.OK);

        Assert.Equal(HttpStatusCode.OK, (await operatorOf.PostAsync($"{path}web%20shop/revoke/")).Status);
        await WaitForAsync(second, userId, HttpStatusCode.Unauthorized);
        Assert.Equal(HttpStatusCode.NotFound, (await operatorOf.PostAsync($"{path}web%20shop/revoke/")).Status);

        var list = (await operatorOf.GetAsync(path)).Body;
        var shown = list.GetProperty("results").EnumerateArray().Where(key => key.GetProperty("name").GetString() == "web shop").ToList();
        Assert.Equal(["revoked", "revoked"], shown.Select(key => key.GetProperty("status").GetString()));
        Assert.All(shown, key => Assert.Equal(["read"], key.GetProperty("rights").EnumerateArray().Select(right => right.GetString())));
        Assert.DoesNotContain(second[8..], list.GetRawText(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"name":"a/b","rights":["send","fly"],"expires_at":"2000-01-01T00:00:00Z"}""", "expires_at", "name", "rights")]
    [InlineData("""{"rights":["send","send"]}""", "name", "rights")]
    [InlineData("""{"name":"a","rights":[null]}""", "rights")]
    public async Task Key_that_is_not_allowed_names_each_field(string body, params string[] fields)
    {
        var operatorOf = await NewOperatorAsync();

        var answer = await operatorOf.PostAsync("/api/admin/accounts/1/keys/", JsonSerializer.Deserialize<JsonElement>(body));

        Assert.Equal(HttpStatusCode.BadRequest, answer.Status);
        Assert.Equal(fields, answer.Body.GetProperty("errors").EnumerateObject().Select(field => field.Name).Order());
    }

    [Fact]
    public async Task Keys_of_an_account_that_is_not_there_are_not_found()
    {
        var operatorOf = await NewOperatorAsync();

        Assert.Equal(HttpStatusCode.NotFound, (await operatorOf.GetAsync("/api/admin/accounts/nobody/keys/")).Status);
        Assert.Equal(
            HttpStatusCode.NotFound, (await operatorOf.PostAsync("/api/admin/accounts/nobody/keys/", new { name = "a", rights = new[] { "send" } })).Status);
    }

    [Fact]
    public async Task Keys_need_the_right_admin()
    {
        var customer = await stack.NewCustomerAsync(0, Rights.Send | Rights.Read | Rights.Billing);

        Assert.Equal(HttpStatusCode.Forbidden, (await With(customer.Key, customer.UserId).GetAsync($"/api/admin/accounts/{customer.UserId}/keys/")).Status);
    }

    private async Task<Customer> NewOperatorAsync()
    {
        var admin = await stack.NewCustomerAsync(0, Rights.Admin);
        return With(admin.Key, admin.UserId);
    }

    private Customer With(string key, long userId) => new(stack.Api, userId, key, creditUnits: 0);

    private Task WaitForAsync(string key, long userId, HttpStatusCode status) => Until.CompleteAsync(EffectLimit, async () =>
    {
        var answer = await With(key, userId).GetAsync("/api/credits/balance/");
        return answer.Status == status ? "" : $"a key that is answered {status}, not {answer.Status}";
    });
}
