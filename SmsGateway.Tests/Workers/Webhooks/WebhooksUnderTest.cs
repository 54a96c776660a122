using System.Text.Json;

using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

using SmsGateway.Core.Messages;
using SmsGateway.Tests.EndToEnd;
using SmsGateway.Tests.Fixtures;
using SmsGateway.Workers.Webhooks;

namespace SmsGateway.Tests.Workers.Webhooks;

/// <summary>Workers that tell the customers of one database, and what a test does to them.</summary>
internal sealed class WebhooksUnderTest : IAsyncDisposable
{
    /// <summary>How long a test waits for what must happen.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly Stores _stores;
    private readonly List<IHost> _workers = [];

    private WebhooksUnderTest(Stores stores) => _stores = stores;

    public static WebhooksUnderTest On(Stores stores) => new(stores);

    /// <summary>Starts a worker; without other settings it may call this machine.</summary>
    public async Task<IHost> StartAsync(params (string Setting, string Value)[] settings)
    {
        var worker = Create(settings);
        _workers.Add(worker);
        await worker.StartAsync();
        return worker;
    }

    /// <summary>A worker that is not started.</summary>
    public IHost Create(params (string Setting, string Value)[] settings)
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["Webhooks:Transport"] = nameof(WebhookTransport.HttpAndHttps),
            ["Webhooks:PollInterval"] = "00:00:00.010",
            ["Webhooks:AllowedNetworks:0"] = "127.0.0.0/8",
        });
        builder.Configuration.AddInMemoryCollection(settings.Select(pair => KeyValuePair.Create($"Webhooks:{pair.Setting}", (string?)pair.Value)));
        builder.Services.AddSingleton(_stores.Database);
        builder.Services.AddSingleton<TimeProvider>(_stores.Clock);
        builder.AddWebhooks();
        return builder.Build();
    }

    /// <summary>A message of this account that has been stored.</summary>
    public async Task<QueuedMessage> StoredAsync(long userId, string? url)
    {
        var message = await _stores.AcceptedAsync(_stores.NewMessage(userId, cost: 1) with { CallbackUrl = url, ClientReference = "order 7" });
        await _stores.IngestAsync();
        return message;
    }

    /// <summary>A message that has come to a state of which its customer is to be told.</summary>
    public async Task<QueuedMessage> ChangedAsync(long userId, string? url, MessageState state = MessageState.Delivered)
    {
        var message = await StoredAsync(userId, url);
        await LearnAsync(message.Id, state);
        return message;
    }

    public async Task LearnAsync(Guid id, MessageState state, string? error = null)
    {
        await _stores.Redis.ListRightPushAsync(_stores.Keys.StatusBuffer, MessageJson.Write(
            new Outcome { Id = id, State = state, At = _stores.Clock.GetUtcNow(), ErrorCode = error }));
        await _stores.FlushStatusAsync();
    }

    /// <summary>Events that are due at once, many of them, without messages.</summary>
    public Task PileUpAsync(long userId, string url, int events) => _stores.ExecuteAsync(
        """
        INSERT INTO webhook_outbox (sms_id, happened_at, due_at, user_id, cost, state, lane, segments, url)
        SELECT id, $3, $3, $1, 1, 'sent', webhook_lane($2), 1, $2 FROM unnest($4) AS id
        """, userId, url, _stores.Clock.GetUtcNow().AddSeconds(-1),
        Enumerable.Range(0, events).Select(_ => MessageId.New(_stores.Clock.GetUtcNow())).ToArray());

    public Task<long> CountAsync(string condition) => _stores.ScalarAsync<long>($"SELECT count(*) FROM webhook_outbox WHERE {condition}");

    /// <summary>Waits until so many events fulfil a condition.</summary>
    public Task UntilAsync(string condition, int events = 1) => Until.CompleteAsync(Patience, async () =>
        await CountAsync(condition) is var found && found >= events ? "" : $"{events} events where {condition}, there are {found}");

    /// <summary>Fails unless the call is signed as Standard Webhooks says; returns its body.</summary>
    public static JsonElement AssertSigned(SmsGateway.Tests.Workers.Providers.Request call, WebhookSecret secret)
    {
        string expected = secret.Sign(
            call.Headers["webhook-id"],
            long.Parse(call.Headers["webhook-timestamp"], System.Globalization.CultureInfo.InvariantCulture),
            System.Text.Encoding.UTF8.GetBytes(call.Body));
        Assert.Contains(expected, call.Headers["webhook-signature"].Split(' '));
        return JsonDocument.Parse(call.Body).RootElement;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var worker in _workers)
        {
            await worker.StopAsync();
            worker.Dispose();
        }
    }
}
