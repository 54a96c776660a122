using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

using SmsGateway.Tests.EndToEnd;

namespace SmsGateway.Tests.Edge;

/// <summary>The real Nginx with the edge's own configuration, started as the AppHost starts it, before an API that a test writes.</summary>
internal sealed class EdgeUnderTest : IAsyncDisposable
{
    private static readonly TimeSpan StartLimit = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan CallLimit = TimeSpan.FromSeconds(20);

    // Not a private one of mode 0700: Nginx runs as another user where the tests run as root.
    private readonly DirectoryInfo _folder = Directory.CreateDirectory(
        Path.Combine(Path.GetTempPath(), $"sms-gateway-edge-{Path.GetRandomFileName()}"));
    private readonly Dictionary<string, HttpClient> _clients = [];
    private Process? _nginx;

    private EdgeUnderTest()
    {
    }

    /// <summary>Where clients connect.</summary>
    public IPEndPoint Address { get; private set; } = new(IPAddress.Loopback, 0);

    private static string Program => Path.GetFullPath(
        Path.Combine("..", "native", "nginx.sh"), Projects.SmsGateway_AppHost.ProjectPath);

    private string RunFolder => Path.Combine(_folder.FullName, "nginx");

    /// <summary>Starts it before servers, with changes to its settings: by the names of the template's variables.</summary>
    public static async Task<EdgeUnderTest> StartAsync(IEnumerable<int> serverPorts, params (string Name, string Value)[] settings)
    {
        var edge = new EdgeUnderTest();
        // A port that was free may be taken before Nginx has it.
        for (int attempt = 0; !await edge.TryStartAsync(serverPorts, settings); attempt++)
        {
            Assert.True(attempt < 3, "Nginx does not start");
        }

        return edge;
    }

    /// <summary>A client with an address of its own.</summary>
    public HttpClient ClientFrom(string address)
    {
        if (!_clients.TryGetValue(address, out var client))
        {
            var handler = new SocketsHttpHandler
            {
                ConnectCallback = async (_, cancellationToken) => new NetworkStream(await ConnectAsync(address, cancellationToken), ownsSocket: true),
                AllowAutoRedirect = false,
            };
            client = new(handler) { BaseAddress = new($"http://{Address}"), Timeout = CallLimit };
            _clients.Add(address, client);
        }

        return client;
    }

    /// <summary>A connection for a test that writes bytes.</summary>
    public async Task<Socket> ConnectAsync(string address = "127.0.0.1", CancellationToken cancellationToken = default)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        socket.Bind(new IPEndPoint(IPAddress.Parse(address), 0));
        await socket.ConnectAsync(Address, cancellationToken);
        return socket;
    }

    /// <summary>The lines of the access log, as soon as there are as many.</summary>
    public async Task<string[]> AccessLogAsync(int atLeast)
    {
        string[] lines = [];
        await Until.CompleteAsync(CallLimit, async () =>
        {
            string file = Path.Combine(RunFolder, "access.log");
            lines = File.Exists(file) ? await File.ReadAllLinesAsync(file) : [];
            return lines.Length >= atLeast ? "" : $"{atLeast - lines.Length} lines";
        });
        return lines;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var client in _clients.Values)
        {
            client.Dispose();
        }

        await StopAsync();
        _folder.Delete(recursive: true);
    }

    private async Task<bool> TryStartAsync(IEnumerable<int> serverPorts, (string Name, string Value)[] settings)
    {
        Address = new(IPAddress.Loopback, FreePort());
        var start = new ProcessStartInfo(Program, [RunFolder]) { RedirectStandardError = true };
        foreach (var (name, value) in Defaults(serverPorts).Concat(settings))
        {
            start.Environment[name] = value;
        }

        _nginx = Process.Start(start)!;
        // Read and forgotten: a full pipe would stop it.
        _nginx.ErrorDataReceived += static (_, _) => { };
        _nginx.BeginErrorReadLine();
        using var limit = new CancellationTokenSource(StartLimit);
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        while (!_nginx.HasExited)
        {
            try
            {
                using var socket = await ConnectAsync("127.0.0.1", limit.Token);
                return true;
            }
            catch (SocketException)
            {
                await timer.WaitForNextTickAsync(limit.Token);
            }
        }

        await StopAsync();
        return false;
    }

    /// <summary>No limit is in the way of a test that does not set it.</summary>
    private IEnumerable<(string Name, string Value)> Defaults(IEnumerable<int> serverPorts) =>
    [
        ("EDGE_ADDRESS", "127.0.0.1"), ("EDGE_PORT", Text(Address.Port)), ("EDGE_GUARD_PORT", Text(FreePort())), ("EDGE_TRUSTED_PROXIES", ""), ("EDGE_RESOLVER", ""),
        ("EDGE_SEND_RATE", "10000r/s"), ("EDGE_SEND_BURST", "10000"), ("EDGE_SEND_RETRY", "1"),
        ("EDGE_READ_RATE", "10000r/s"), ("EDGE_READ_BURST", "10000"), ("EDGE_READ_RETRY", "1"),
        ("EDGE_FAILED_RATE", "10000r/s"), ("EDGE_FAILED_BURST", "10000"), ("EDGE_BLOCK_SECONDS", "60"),
        ("EDGE_CONNECTIONS", "1000"), ("EDGE_CLIENT_SECONDS", "10"), ("EDGE_WORKER_PROCESSES", "1"),
        ("EDGE_ACCESS_LOG", "access.log"), ("EDGE_LOG_FAILURES", "0"), ("EDGE_LOG_OTHERS", "0"),
        ("API_SERVERS", string.Concat(serverPorts.Select(port => $"server 127.0.0.1:{Text(port)} max_fails=3 fail_timeout=1s; "))),
    ];

    private async Task StopAsync()
    {
        if (_nginx is { } nginx)
        {
            if (!nginx.HasExited)
            {
                using var kill = Process.Start("kill", [Text(nginx.Id)]);
                await kill.WaitForExitAsync();
                using var limit = new CancellationTokenSource(StartLimit);
                await nginx.WaitForExitAsync(limit.Token);
            }

            nginx.Dispose();
            _nginx = null;
        }
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
