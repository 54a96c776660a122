using System.Net;
using System.Net.Sockets;
using System.Text;

namespace SmsGateway.Tests.Workers.Providers;

/// <summary>
/// An HTTP server that does to each request exactly what the test says, down to the bytes: half-answers and resets included.
/// </summary>
internal sealed class ScriptedServer : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly List<Task> _connections = [];
    private readonly Func<Exchange, Task> _script;
    private readonly Task _accepting;

    public ScriptedServer(Func<Exchange, Task> script)
    {
        _script = script;
        _listener.Start();
        _accepting = AcceptAsync();
    }

    public Uri Address => new($"http://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}");

    /// <summary>Requests seen, oldest first.</summary>
    public List<Request> Requests { get; } = [];

    public static ScriptedServer Answering(string status, string body, string headers = "") =>
        new(exchange => exchange.AnswerAsync(status, body, headers));

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _accepting;
        _listener.Stop();
        await Task.WhenAll(_connections);
        _stop.Dispose();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                _connections.Add(ServeAsync(await _listener.AcceptSocketAsync(_stop.Token)));
            }
        }
        catch (Exception error) when (error is OperationCanceledException or SocketException)
        {
            // Stopped.
        }
    }

    private async Task ServeAsync(Socket socket)
    {
        using (socket)
        {
            try
            {
                var exchange = new Exchange(socket, _stop.Token);
                while (await ReadAsync(socket) is { } request)
                {
                    lock (Requests)
                    {
                        Requests.Add(request);
                    }

                    await _script(exchange);
                    if (exchange.IsOver)
                    {
                        return;
                    }
                }
            }
            catch (Exception error) when (error is OperationCanceledException or SocketException or ObjectDisposedException)
            {
                // The other side has gone, or the test has ended.
            }
        }
    }

    private async Task<Request?> ReadAsync(Socket socket)
    {
        var bytes = new List<byte>();
        byte[] buffer = new byte[4096];
        while (true)
        {
            int read = await socket.ReceiveAsync(buffer, _stop.Token);
            if (read == 0)
            {
                return null;
            }

            bytes.AddRange(buffer.AsSpan(0, read));
            if (Request.Parse(Encoding.Latin1.GetString([.. bytes])) is { } request)
            {
                return request;
            }
        }
    }
}

/// <summary>A request as it came.</summary>
internal sealed record Request(string Line, Dictionary<string, string> Headers, string Body)
{
    /// <summary>The fields of a form.</summary>
    public Dictionary<string, string> Form => Body.Split('&').Select(pair => pair.Split('='))
        .ToDictionary(pair => pair[0], pair => WebUtility.UrlDecode(pair[1]));

    /// <summary>The request, if the text, one character a byte, holds all of it.</summary>
    public static Request? Parse(string text)
    {
        int end = text.IndexOf("\r\n\r\n", StringComparison.Ordinal);
        if (end < 0)
        {
            return null;
        }

        string[] lines = text[..end].Split("\r\n");
        var headers = lines.Skip(1).Select(line => line.Split(": ", 2)).ToDictionary(pair => pair[0], pair => pair[1], StringComparer.OrdinalIgnoreCase);
        string body = text[(end + 4)..];
        return body.Length < int.Parse(headers.GetValueOrDefault("Content-Length", "0"), System.Globalization.CultureInfo.InvariantCulture)
            ? null
            : new Request(lines[0], headers, Encoding.UTF8.GetString(Encoding.Latin1.GetBytes(body)));
    }
}

/// <summary>What a script can do to one request.</summary>
internal sealed class Exchange(Socket socket, CancellationToken stop)
{
    public bool IsOver { get; private set; }

    public Task AnswerAsync(string status, string body, string headers = "") =>
        WriteAsync($"HTTP/1.1 {status}\r\nContent-Length: {Encoding.UTF8.GetByteCount(body)}\r\n{headers}\r\n{body}");

    public async Task WriteAsync(string text) => await socket.SendAsync(Encoding.UTF8.GetBytes(text), stop);

    /// <summary>Ends the connection as a crashed process does.</summary>
    public void Reset()
    {
        socket.LingerState = new LingerOption(enable: true, seconds: 0);
        Close();
    }

    public void Close()
    {
        IsOver = true;
        socket.Close();
    }

    /// <summary>Says nothing until the test ends.</summary>
    public Task HangAsync() => Task.Delay(Timeout.InfiniteTimeSpan, stop);
}
