using System.Diagnostics;
using System.Globalization;
using System.Net.WebSockets;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Threading.Channels;

namespace SmsGateway.Tests.Api.OpenApi;

/// <summary>A headless Chromium with one page, driven by its DevTools protocol over a WebSocket; every event of the page is kept.</summary>
internal sealed class Browser : IAsyncDisposable
{
    private const string Ready = "DevTools listening on ";

    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    private static readonly string[] Flags =
    [
        "--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update", "--disable-sync", "--no-first-run",
        "--disable-dev-shm-usage", "--remote-debugging-port=0", "--window-size=1400,1000", "about:blank",
    ];

    private readonly Process _process;
    private readonly DirectoryInfo _profile;
    private readonly ClientWebSocket _socket = new();
    private readonly Dictionary<int, TaskCompletionSource<JsonElement>> _calls = [];
    private readonly Channel<JsonElement> _events = Channel.CreateBounded<JsonElement>(10_000);
    private readonly CancellationTokenSource _limit = new(Limit);
    private Task _reading = Task.CompletedTask;
    private Task _draining = Task.CompletedTask;
    private int _lastCall;

    private Browser(Process process, DirectoryInfo profile)
    {
        _process = process;
        _profile = profile;
    }

    public static async Task<Browser> StartAsync()
    {
        var profile = Directory.CreateTempSubdirectory("sms-gateway-browser-");
        string program = Environment.GetEnvironmentVariable("BROWSER") is { Length: > 0 } named ? named : "chromium";
        var start = new ProcessStartInfo(program, [.. Flags, $"--user-data-dir={profile.FullName}"]) { RedirectStandardError = true };
        var browser = new Browser(Process.Start(start)!, profile);
        string? line;
        do
        {
            line = await browser._process.StandardError.ReadLineAsync(browser._limit.Token) ?? throw new InvalidOperationException("chromium has ended");
        }
        while (!line.StartsWith(Ready, StringComparison.Ordinal));

        // What it writes from now on must go somewhere, or it would stand still.
        browser._draining = browser._process.StandardError.BaseStream.CopyToAsync(Stream.Null);
        var address = new Uri(line[Ready.Length..]);
        using var http = new HttpClient();
        var pages = JsonNode.Parse(await http.GetStringAsync(new Uri($"http://{address.Authority}/json/list"), browser._limit.Token))!.AsArray();
        var page = pages.First(target => (string?)target!["type"] == "page")!;
        await browser._socket.ConnectAsync(new((string)page["webSocketDebuggerUrl"]!), browser._limit.Token);
        browser._reading = browser.ReadAsync();
        return browser;
    }

    /// <summary>Calls a method of the protocol and returns its result.</summary>
    public async Task<JsonElement> CallAsync(string method, object? parameters = null)
    {
        var answer = new TaskCompletionSource<JsonElement>(TaskCreationOptions.RunContinuationsAsynchronously);
        int id;
        lock (_calls)
        {
            id = ++_lastCall;
            _calls[id] = answer;
        }

        byte[] call = JsonSerializer.SerializeToUtf8Bytes(new { id, method, @params = parameters ?? new { } });
        await _socket.SendAsync(call, WebSocketMessageType.Text, endOfMessage: true, _limit.Token);
        return await answer.Task.WaitAsync(_limit.Token);
    }

    /// <summary>The value of a JavaScript expression as text.</summary>
    public async Task<string> EvaluateAsync(string expression)
    {
        var result = await CallAsync("Runtime.evaluate", new { expression, returnByValue = true });
        return result.GetProperty("result").TryGetProperty("value", out var value) ? Convert.ToString(value.ToString(), CultureInfo.InvariantCulture)! : "";
    }

    /// <summary>The events that have come since this was asked last.</summary>
    public List<JsonElement> TakeEvents()
    {
        var events = new List<JsonElement>();
        while (_events.Reader.TryRead(out var item))
        {
            events.Add(item);
        }

        return events;
    }

    public async ValueTask DisposeAsync()
    {
        _process.Kill(entireProcessTree: true);
        await _process.WaitForExitAsync();
        await _draining;
        await _limit.CancelAsync();
        await _reading;
        _process.Dispose();
        _socket.Dispose();
        _limit.Dispose();
        _profile.Delete(recursive: true);
    }

    private async Task ReadAsync()
    {
        try
        {
            var buffer = new byte[64 * 1024];
            while (true)
            {
                using var message = new MemoryStream();
                WebSocketReceiveResult part;
                do
                {
                    part = await _socket.ReceiveAsync(buffer, _limit.Token);
                    message.Write(buffer, 0, part.Count);
                }
                while (!part.EndOfMessage);

                if (part.MessageType == WebSocketMessageType.Close)
                {
                    return;
                }

                Take(JsonDocument.Parse(message.ToArray()).RootElement);
            }
        }
        catch (Exception ended) when (ended is WebSocketException or OperationCanceledException)
        {
            // The browser has ended, or the test is over.
        }
    }

    private void Take(JsonElement message)
    {
        if (!message.TryGetProperty("id", out var id))
        {
            Assert.True(_events.Writer.TryWrite(message), "the page has more events than are kept");
            return;
        }

        TaskCompletionSource<JsonElement>? call;
        lock (_calls)
        {
            _calls.Remove(id.GetInt32(), out call);
        }

        call?.TrySetResult(message.TryGetProperty("result", out var result) ? result : message);
    }
}
