using Microsoft.Extensions.DependencyInjection;

using SmsGateway.Core.Messages;
using SmsGateway.Tests.EndToEnd;
using SmsGateway.Tests.Fixtures;
using SmsGateway.Tests.Workers.Providers;
using SmsGateway.Workers.Commands;
using SmsGateway.Workers.Webhooks;

namespace SmsGateway.Tests.Workers.Webhooks;

/// <summary>Workers, a real outbox and a real receiver.</summary>
[Collection(InfrastructureCollection.Name)]
public sealed class WebhookDeliveryIntegrationTests(Infrastructure infrastructure) : IAsyncLifetime
{
    private Stores _stores = null!;
    private WebhooksUnderTest _webhooks = null!;
    private long _userId;

    public async Task InitializeAsync()
    {
        _stores = await infrastructure.NewStoresAsync();
        await _stores.OpenEpochAsync();
        _userId = await _stores.NewAccountAsync(10_000);
        _webhooks = WebhooksUnderTest.On(_stores);
    }

    public async Task DisposeAsync()
    {
        await _webhooks.DisposeAsync();
        await _stores.DisposeAsync();
    }

    [Fact]
    public async Task Deliver_event_is_told_once_signed_and_says_nothing_of_text_and_number()
    {
        await using var receiver = ScriptedServer.Answering("200 OK", "");
        var message = await _webhooks.StoredAsync(_userId, $"{receiver.Address}hook?token=t");
        await _webhooks.LearnAsync(message.Id, MessageState.Failed, "30007");
        await _webhooks.StartAsync();
        await _webhooks.UntilAsync("result = 'delivered'");

        var call = Assert.Single(receiver.Requests);
        var body = WebhooksUnderTest.AssertSigned(call, await SecretAsync());
        Assert.Equal("POST /hook?token=t HTTP/1.1", call.Line);
        Assert.Equal($"evt_{message.Id:N}_failed", call.Headers["webhook-id"]);
        Assert.Equal("application/json", call.Headers["Content-Type"]);
        Assert.Equal(call.Headers["webhook-id"], body.GetProperty("id").GetString());
        Assert.Equal("message.failed", body.GetProperty("type").GetString());
        var data = body.GetProperty("data");
        Assert.Equal(message.Id, data.GetProperty("sms_id").GetGuid());
        Assert.Equal("failed", data.GetProperty("status").GetString());
        Assert.Equal("order 7", data.GetProperty("client_reference").GetString());
        Assert.Equal("30007", data.GetProperty("error_code").GetString());
        Assert.Equal("0.0001", data.GetProperty("cost").GetRawText());
        Assert.DoesNotContain(message.Recipient[1..], call.Body, StringComparison.Ordinal);
        Assert.DoesNotContain(message.Text, call.Body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Deliver_failures_are_repeated_with_the_same_id_and_body_until_told()
    {
        int calls = 0;
        await using var receiver = new ScriptedServer(exchange => Interlocked.Increment(ref calls) switch
        {
            1 => exchange.AnswerAsync("500 Internal Server Error", "no"),
            2 => exchange.AnswerAsync("302 Found", "", "Location: /elsewhere\r\n"),
            3 => Reset(exchange),
            _ => exchange.AnswerAsync("204 No Content", ""),
        });
        await _webhooks.ChangedAsync(_userId, $"{receiver.Address}");
        await _webhooks.StartAsync();
        foreach (int attempt in (int[])[1, 2, 3])
        {
            await _webhooks.UntilAsync($"attempts = {attempt} AND last_error IS NOT NULL AND due_at < '{_stores.Clock.GetUtcNow().AddMinutes(10):O}' AND due_at > '{_stores.Clock.GetUtcNow():O}'");
            await Until.CompleteAsync(WebhooksUnderTest.Patience, async () =>
                await _webhooks.CountAsync($"last_error = '{((string[])["http_500", "http_302", "protocol"])[attempt - 1]}'") == 1 ? "" : "the reason");
            _stores.Clock.Advance(TimeSpan.FromMinutes(10));
        }

        await _webhooks.UntilAsync("result = 'delivered' AND attempts = 4");
        Assert.Equal(4, receiver.Requests.Count);
        Assert.Single(receiver.Requests.Select(call => (call.Line, call.Headers["webhook-id"], call.Body)).Distinct());
        Assert.All(receiver.Requests, call => Assert.Equal("POST / HTTP/1.1", call.Line));
        Assert.All(receiver.Requests, call => WebhooksUnderTest.AssertSigned(call, SecretAsync().GetAwaiter().GetResult()));
    }

    [Fact]
    public async Task Deliver_receiver_that_is_gone_is_not_called_again()
    {
        await using var receiver = ScriptedServer.Answering("410 Gone", "");
        await _webhooks.ChangedAsync(_userId, $"{receiver.Address}");
        await _webhooks.StartAsync();

        await _webhooks.UntilAsync("result = 'gone' AND last_error = 'http_410'");
        Assert.Single(receiver.Requests);
    }

    [Fact]
    public async Task Deliver_after_two_days_of_failures_is_given_up_and_can_be_sent_again()
    {
        bool works = false;
        await using var receiver = new ScriptedServer(exchange => exchange.AnswerAsync(works ? "200 OK" : "503 Service Unavailable", ""));
        await _webhooks.ChangedAsync(_userId, $"{receiver.Address}");
        await _webhooks.StartAsync();
        await _webhooks.UntilAsync("attempts = 1 AND last_error = 'http_503'");
        _stores.Clock.Advance(TimeSpan.FromDays(3));

        await _webhooks.UntilAsync("result = 'given_up' AND attempts = 2 AND last_error = 'http_503'");
        works = true;
        Assert.Equal(1, await WebhooksCommand.ResendAsync(_stores.Database, _userId, _stores.Clock.GetUtcNow(), default));
        await _webhooks.UntilAsync("result = 'delivered'");
        Assert.Single(receiver.Requests.Select(call => call.Headers["webhook-id"]).Distinct());
    }

    [Fact]
    public async Task Deliver_worker_that_died_between_call_and_record_is_followed_by_one_that_repeats_the_same_id()
    {
        await using var receiver = ScriptedServer.Answering("200 OK", "");
        await _webhooks.ChangedAsync(_userId, $"{receiver.Address}");
        var dead = _webhooks.Create().Services;
        var what = Assert.Single(await dead.GetRequiredService<WebhookOutbox>().ClaimAsync(10, [], default));
        what = what with { Secrets = [await SecretAsync()] };
        Assert.Equal(WebhookAnswerKind.Delivered, (await dead.GetRequiredService<WebhookSender>().SendAsync(what)).Kind);

        await _webhooks.StartAsync();
        await _webhooks.StartAsync();
        // While the lease lasts the event is nobody else's.
        await _webhooks.PileUpAsync(_userId, $"{receiver.Address}", 1);
        await _webhooks.UntilAsync("result = 'delivered'");
        Assert.Equal(2, receiver.Requests.Count);

        _stores.Clock.Advance(TimeSpan.FromMinutes(1));
        await _webhooks.UntilAsync("result = 'delivered'", 2);
        Assert.Equal(3, receiver.Requests.Count);
        Assert.Equal(2, receiver.Requests.Count(call => call.Headers["webhook-id"] == what.Id));

        // The dead one comes back with bad news of long ago: nothing changes.
        await dead.GetRequiredService<WebhookOutbox>().RecordAsync([new(what, "given_up", _stores.Clock.GetUtcNow(), "timeout")], default);
        Assert.Equal(2, await _webhooks.CountAsync("result = 'delivered'"));
    }

    [Fact]
    public async Task Deliver_two_workers_tell_each_event_once()
    {
        await using var receiver = ScriptedServer.Answering("200 OK", "");
        await _webhooks.PileUpAsync(_userId, $"{receiver.Address}", 200);
        await _webhooks.StartAsync();
        await _webhooks.StartAsync();

        await _webhooks.UntilAsync("result = 'delivered'", 200);
        Assert.Equal(200, receiver.Requests.Select(call => call.Headers["webhook-id"]).Distinct().Count());
        Assert.Equal(200, receiver.Requests.Count);
    }

    [Fact]
    public async Task Deliver_dead_customers_hold_up_nobody()
    {
        // They take the connection and never answer, and each has more waiting than this worker has slots.
        await using var dead = new ScriptedServer(exchange => exchange.HangAsync());
        await using var receiver = ScriptedServer.Answering("200 OK", "");
        foreach (int _ in Enumerable.Range(0, 3))
        {
            await _webhooks.PileUpAsync(await _stores.NewAccountAsync(0), $"{dead.Address}", 500);
        }

        await _webhooks.StartAsync(("Concurrency", "16"), ("AttemptTimeout", "00:00:25"));
        await Until.CompleteAsync(WebhooksUnderTest.Patience, () => Task.FromResult(dead.Requests.Count >= 12 ? "" : "calls to the dead"));
        long last = await _stores.NewAccountAsync(10_000);
        await _webhooks.PileUpAsync(last, $"{receiver.Address}", 100);

        // One after the other, the calls to the dead would take more than half an hour.
        await _webhooks.UntilAsync($"result = 'delivered' AND user_id = {last}", 100);
    }

    [Theory]
    [InlineData("address_not_allowed", "http://127.0.0.1:{0}/")]
    [InlineData("address_not_allowed", "http://[::1]:{0}/")]
    public async Task Deliver_address_of_this_machine_is_not_called(string reason, string url)
    {
        await using var receiver = ScriptedServer.Answering("200 OK", "");
        await _webhooks.ChangedAsync(_userId, string.Format(System.Globalization.CultureInfo.InvariantCulture, url, receiver.Address.Port));
        await _webhooks.StartAsync(("AllowedNetworks:0", "192.168.77.0/24"));

        await _webhooks.UntilAsync($"result = 'refused' AND last_error = '{reason}'");
        Assert.Empty(receiver.Requests);
    }

    [Fact]
    public async Task Deliver_name_that_leads_to_this_machine_is_not_connected_to()
    {
        await using var receiver = ScriptedServer.Answering("200 OK", "");
        await _webhooks.ChangedAsync(_userId, $"http://localhost:{receiver.Address.Port}/");
        await _webhooks.StartAsync(("AllowedNetworks:0", "192.168.77.0/24"));

        await _webhooks.UntilAsync("attempts = 1 AND last_error = 'address_not_allowed'");
        Assert.Empty(receiver.Requests);
    }

    [Fact]
    public async Task Deliver_http_is_not_called_where_it_is_not_allowed()
    {
        await using var receiver = ScriptedServer.Answering("200 OK", "");
        await _webhooks.ChangedAsync(_userId, $"{receiver.Address}");
        await _webhooks.StartAsync(("Transport", nameof(WebhookTransport.Https)));

        await _webhooks.UntilAsync("result = 'refused' AND last_error = 'url_not_https'");
        Assert.Empty(receiver.Requests);
    }

    [Fact]
    public async Task Deliver_answer_without_end_is_cut_off()
    {
        long written = 0;
        var cutOff = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var receiver = new ScriptedServer(async exchange =>
        {
            await exchange.WriteAsync("HTTP/1.1 200 OK\r\nContent-Length: 1000000000\r\n\r\n");
            string block = new('x', 65_536);
            try
            {
                while (true)
                {
                    await exchange.WriteAsync(block);
                    written += block.Length;
                }
            }
            catch (System.Net.Sockets.SocketException)
            {
                cutOff.SetResult();
                throw;
            }
        });
        await _webhooks.ChangedAsync(_userId, $"{receiver.Address}");
        await _webhooks.StartAsync();

        await _webhooks.UntilAsync("result = 'delivered'");
        await cutOff.Task.WaitAsync(WebhooksUnderTest.Patience);
        Assert.InRange(written, 0, 100_000_000);
    }

    [Fact]
    public async Task Deliver_head_without_end_and_slow_answers_fail()
    {
        await using var endless = new ScriptedServer(async exchange =>
        {
            await exchange.WriteAsync("HTTP/1.1 200 OK\r\n");
            foreach (int number in Enumerable.Range(0, 1_000))
            {
                await exchange.WriteAsync($"X-Header-{number}: {new string('x', 1_000)}\r\n");
            }
        });
        await using var slow = new ScriptedServer(exchange => exchange.HangAsync());
        await _webhooks.ChangedAsync(_userId, $"{endless.Address}");
        await _webhooks.ChangedAsync(_userId, $"{slow.Address}");
        await _webhooks.StartAsync(("AttemptTimeout", "00:00:02"));

        await _webhooks.UntilAsync("attempts = 1 AND last_error = 'timeout'");
        await _webhooks.UntilAsync("attempts = 1 AND last_error = 'protocol'");
    }

    [Fact]
    public async Task Rotate_both_secrets_sign_for_a_day_and_then_the_new_one_alone()
    {
        await using var receiver = ScriptedServer.Answering("200 OK", "");
        var before = await SecretAsync();
        var after = await new WebhookSecrets(_stores.Database, _stores.Clock).RotateAsync(_userId, default);
        Assert.Equal(after.Key, (await SecretAsync()).Key);
        await _webhooks.ChangedAsync(_userId, $"{receiver.Address}");
        await _webhooks.StartAsync();
        await _webhooks.UntilAsync("result = 'delivered'");
        WebhooksUnderTest.AssertSigned(receiver.Requests[0], before);
        WebhooksUnderTest.AssertSigned(receiver.Requests[0], after);

        _stores.Clock.Advance(TimeSpan.FromDays(1));
        await _webhooks.ChangedAsync(_userId, $"{receiver.Address}");
        await _webhooks.UntilAsync("result = 'delivered'", 2);
        WebhooksUnderTest.AssertSigned(receiver.Requests[1], after);
        Assert.DoesNotContain(' ', receiver.Requests[1].Headers["webhook-signature"]);
    }

    [Fact]
    public async Task Stop_waits_for_the_calls_under_way_and_writes_them_down()
    {
        var answer = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var receiver = new ScriptedServer(async exchange =>
        {
            await answer.Task;
            await exchange.AnswerAsync("200 OK", "");
        });
        await _webhooks.ChangedAsync(_userId, $"{receiver.Address}");
        var worker = await _webhooks.StartAsync();
        await Until.CompleteAsync(WebhooksUnderTest.Patience, () => Task.FromResult(receiver.Requests.Count == 1 ? "" : "the call"));

        var stopping = worker.StopAsync();
        answer.SetResult();
        await stopping.WaitAsync(WebhooksUnderTest.Patience);

        Assert.Equal(1, await _webhooks.CountAsync("result = 'delivered'"));
    }

    [Fact]
    public async Task Prune_deletes_only_what_ended_longer_ago_than_the_retention()
    {
        await _webhooks.PileUpAsync(_userId, "https://example.org/", 3);
        await _stores.ExecuteAsync(
            """
            UPDATE webhook_outbox o SET done_at = $1 - n.number * interval '5 days', result = 'given_up'
              FROM (SELECT sms_id, row_number() OVER () AS number FROM webhook_outbox LIMIT 2) n WHERE n.sms_id = o.sms_id
            """, _stores.Clock.GetUtcNow());

        int pruned = await ActivatorUtilities.CreateInstance<WebhookPruner>(
            _webhooks.Create().Services).PruneAsync(default);

        Assert.Equal(1, pruned);
        Assert.Equal(2, await _webhooks.CountAsync("true"));
    }

    private Task<WebhookSecret> SecretAsync() => new WebhookSecrets(_stores.Database, _stores.Clock).GetAsync(_userId, default);

    private static Task Reset(Exchange exchange)
    {
        exchange.Reset();
        return Task.CompletedTask;
    }
}
