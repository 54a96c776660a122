using System.Collections.Concurrent;
using System.Globalization;
using System.Net.Http.Json;
using System.Text.Json;

using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace SmsGateway.Tests.EndToEnd.Foreign;

/// <summary>
/// A provider of another maker: JSON over HTTP, a key of the client's own against repetition, receipts to an address that the client gives. It
/// shares no code with the gateway or its simulator, keeps a record of its own, and answers a good part of what it is asked wrongly.
/// </summary>
internal sealed class ForeignProvider : IAsyncDisposable
{
    public const string Secret = "another-makers-secret";

    /// <summary>Numbers that it refuses.</summary>
    private const string RefusedPrefix = "999400";

    private static readonly TimeSpan Hang = TimeSpan.FromSeconds(5);

    private readonly WebApplication _app;
    private readonly HttpClient _receipts = new();
    private readonly ConcurrentDictionary<string, string> _taken = new();
    private readonly ConcurrentQueue<long> _arrivals = new();
    private readonly ConcurrentDictionary<Task, bool> _reports = new();
    private readonly Lock _lock = new();
    private readonly Random _random;
    private int _lastId;

    private ForeignProvider(WebApplication app, int seed)
    {
        _app = app;
        _random = new(seed);
    }

    public string Address => _app.Urls.Single();

    /// <summary>What it has taken, by the client's key: each once, however often it was asked.</summary>
    public IReadOnlyDictionary<string, string> Taken => _taken;

    /// <summary>Requests that it has got.</summary>
    public int Requests => _arrivals.Count;

    /// <summary>The most requests that it has got in any second.</summary>
    public int BusiestSecond
    {
        get
        {
            long[] ticks = [.. _arrivals.Order()];
            int most = 0;
            for (int first = 0, last = 0; last < ticks.Length; last++)
            {
                while (ticks[last] - ticks[first] >= TimeProvider.System.TimestampFrequency)
                {
                    first++;
                }

                most = Math.Max(most, last - first + 1);
            }

            return most;
        }
    }

    public static async Task<ForeignProvider> StartAsync(int seed)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var provider = new ForeignProvider(builder.Build(), seed);
        provider._app.MapPost("/messages", provider.TakeAsync);
        await provider._app.StartAsync();
        return provider;
    }

    public async ValueTask DisposeAsync()
    {
        await _app.DisposeAsync();
        _receipts.Dispose();
    }

    /// <summary>Until every receipt is taken.</summary>
    public Task ReportedAsync() => Task.WhenAll(_reports.Keys);

    private async Task TakeAsync(HttpContext context)
    {
        _arrivals.Enqueue(TimeProvider.System.GetTimestamp());
        string key = context.Request.Headers["Idempotency-Key"].ToString();
        using var message = await JsonDocument.ParseAsync(context.Request.Body);
        if (context.Request.Headers.Authorization != $"Bearer {Secret}")
        {
            await AnswerAsync(context, 401, new { error = "unauthorized" });
            return;
        }

        int fault = Draw(100);
        if (fault < 3)
        {
            context.Response.Headers.RetryAfter = "1";
            await AnswerAsync(context, 429, new { error = "slow_down" });
            return;
        }

        if (fault < 6)
        {
            context.Abort();
            return;
        }

        if (message.RootElement.GetProperty("to").GetString()!.StartsWith(RefusedPrefix, StringComparison.Ordinal))
        {
            await AnswerAsync(context, 422, new { error = "no_such_number" });
            return;
        }

        string id = Keep(key, message.RootElement.GetProperty("receipt").GetString()!);
        await AnswerTakenAsync(context, id, fault);
    }

    /// <summary>The message is taken; the client may learn so or not.</summary>
    private static async Task AnswerTakenAsync(HttpContext context, string id, int fault)
    {
        switch (fault)
        {
            case < 9:
                context.Abort();
                break;
            case < 12:
                await AnswerAsync(context, 500, new { error = "internal" });
                break;
            case < 14:
                await Task.Delay(Hang, context.RequestAborted).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                context.Abort();
                break;
            case < 16:
                context.Response.StatusCode = 202;
                await context.Response.WriteAsync("<html>Accepted</html>");
                break;
            default:
                await AnswerAsync(context, 202, new { message = new { id } });
                break;
        }
    }

    private static Task AnswerAsync(HttpContext context, int status, object body)
    {
        context.Response.StatusCode = status;
        return context.Response.WriteAsJsonAsync(body);
    }

    private string Keep(string key, string receiptAddress)
    {
        string id = string.Create(CultureInfo.InvariantCulture, $"acme-{Interlocked.Increment(ref _lastId)}");
        string kept = _taken.GetOrAdd(key, id);
        if (kept == id)
        {
            _reports[ReportAsync(receiptAddress, id, times: Draw(10) == 0 ? 2 : 1)] = true;
        }

        return kept;
    }

    /// <summary>Posts the receipt until it is taken, as often as that; it may well come before the answer to the message.</summary>
    private async Task ReportAsync(string address, string id, int times)
    {
        using var pace = new PeriodicTimer(TimeSpan.FromMilliseconds(100));
        for (int taken = 0; taken < times; await pace.WaitForNextTickAsync())
        {
            try
            {
                using var response = await _receipts.PostAsJsonAsync(address, new { status = "DELIVRD", id });
                taken += response.IsSuccessStatusCode ? 1 : 0;
            }
            catch (HttpRequestException)
            {
                // The gateway is being killed: posted again.
            }
        }
    }

    private int Draw(int most)
    {
        lock (_lock)
        {
            return _random.Next(most);
        }
    }
}
