using System.Net;
using System.Net.Http.Json;
using System.Text.Json;

using SmsGateway.Core.Money;

namespace SmsGateway.Tests.EndToEnd;

/// <summary>One account of the gateway and its calls through Nginx.</summary>
/// <param name="edge">Nginx.</param>
/// <param name="userId">The account.</param>
/// <param name="key">Its API key.</param>
/// <param name="creditUnits">What it began with, in minor units.</param>
internal sealed class Customer(HttpClient edge, long userId, string key, long creditUnits)
{
    public long UserId => userId;

    public string Key => key;

    public long CreditUnits => creditUnits;

    public Task<Answer> SendAsync(object message, string? requestId = null, CancellationToken broken = default) =>
        PostAsync("/api/sms/send/", message, requestId, broken);

    /// <summary>Sends a message that must be taken, and returns its id.</summary>
    public async Task<Guid> SendAcceptedAsync(object message, string? requestId = null)
    {
        var answer = await SendAsync(message, requestId);
        Assert.True(answer.Status == HttpStatusCode.Accepted, answer.ToString());
        return answer.Body.GetProperty("sms_id").GetGuid();
    }

    public async Task<JsonElement> FindMessageAsync(Guid id)
    {
        var answer = await GetAsync($"/api/sms/messages/{id}/");
        Assert.True(answer.Status == HttpStatusCode.OK, answer.ToString());
        return answer.Body;
    }

    /// <summary>Waits until a message is in a state, and returns it.</summary>
    public async Task<JsonElement> WaitForStatusAsync(Guid id, string status, TimeSpan limit)
    {
        JsonElement message = default;
        await Until.CompleteAsync(limit, async () =>
        {
            message = await FindMessageAsync(id);
            string? current = message.GetProperty("status").GetString();
            return current == status ? "" : $"message {id} is {current}, not {status}";
        });
        return message;
    }

    /// <summary>Waits until the account can spend just so much, in minor units.</summary>
    public Task WaitForBalanceAsync(long units, TimeSpan limit) => Until.CompleteAsync(limit, async () =>
    {
        long balance = await BalanceAsync();
        return balance == units ? "" : $"the balance of account {UserId} is {balance}, not {units}";
    });

    /// <summary>What can be spent now, in minor units.</summary>
    public async Task<long> BalanceAsync()
    {
        var answer = await GetAsync("/api/credits/balance/");
        Assert.True(answer.Status == HttpStatusCode.OK, answer.ToString());
        return answer.Units("balance");
    }

    public Task<Answer> GetAsync(string path) => CallAsync(new(HttpMethod.Get, path));

    public Task<Answer> PostAsync(string path, object? body = null, string? requestId = null, CancellationToken broken = default)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = body is null ? null : JsonContent.Create(body) };
        if (requestId is not null)
        {
            request.Headers.Add("X-Request-ID", requestId);
        }

        return CallAsync(request, broken);
    }

    private async Task<Answer> CallAsync(HttpRequestMessage request, CancellationToken broken = default)
    {
        using (request)
        {
            request.Headers.Add("X-Api-Key", key);
            using var response = await edge.SendAsync(request, broken);
            using var body = JsonDocument.Parse(await response.Content.ReadAsByteArrayAsync(broken));
            return new(response.StatusCode, body.RootElement.Clone(), response.Headers.Contains("Idempotent-Replayed"));
        }
    }
}

/// <summary>What the gateway answered.</summary>
/// <param name="Status">Its status.</param>
/// <param name="Body">Its JSON.</param>
/// <param name="IsReplay">Whether it says that it gave this answer before.</param>
internal sealed record Answer(HttpStatusCode Status, JsonElement Body, bool IsReplay)
{
    /// <summary>A member that is an amount, in minor units.</summary>
    public long Units(string member) => (long)(Body.GetProperty(member).GetDecimal() * Amount.UnitsPerCredit);
}
