using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace SmsGateway.Load.Generators;

/// <summary>Kannel as Debian packs it: bearerbox, smsbox and its own fake SMSC, with data of their own. Nothing of it is left when it is disposed.</summary>
internal sealed class Kannel : IAsyncDisposable
{
    private const string FakeSmsc = "/usr/lib/kannel/test/fakesmsc";

    private static readonly TimeSpan StartLimit = TimeSpan.FromSeconds(30);

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("sms-gateway-kannel-");
    private readonly List<Process> _processes = [];
    private readonly int _port = FreePort();

    private Kannel()
    {
    }

    /// <summary>Its interface to send by.</summary>
    public Uri SendUrl => new($"http://127.0.0.1:{_port}/cgi-bin/sendsms?username=bench&password=bench&from=12345&to=447700900123"
        + "&text=Your+code+is+493817.+It+is+valid+for+ten+minutes.");

    /// <param name="store">What is kept of a message until it is sent: <c>none</c>, <c>file</c> or <c>spool</c>.</param>
    /// <param name="cancellationToken">Ends the waiting for it.</param>
    public static async Task<Kannel> StartAsync(string store, CancellationToken cancellationToken)
    {
        var kannel = new Kannel();
        try
        {
            await kannel.RunAsync(store, cancellationToken);
            return kannel;
        }
        catch
        {
            await kannel.DisposeAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var process in Enumerable.Reverse(_processes))
        {
            process.Kill(entireProcessTree: true);
            await process.WaitForExitAsync();
            process.Dispose();
        }

        _folder.Delete(recursive: true);
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private async Task RunAsync(string store, CancellationToken cancellationToken)
    {
        var (admin, boxes, smsc) = (FreePort(), FreePort(), FreePort());
        string configuration = Path.Combine(_folder.FullName, "kannel.conf");
        string location = Path.Combine(_folder.FullName, "store");
        string stored = store == "none" ? "" : $"store-type = {store}\nstore-location = {location}\n";
        if (store == "spool")
        {
            Directory.CreateDirectory(location);
        }

        await File.WriteAllTextAsync(
            configuration,
            $"""
            group = core
            admin-port = {admin}
            admin-password = bench
            smsbox-port = {boxes}
            box-allow-ip = 127.0.0.1
            log-level = 4
            {stored}
            group = smsc
            smsc = fake
            smsc-id = fake
            port = {smsc}
            connect-allow-ip = 127.0.0.1

            group = smsbox
            bearerbox-host = 127.0.0.1
            sendsms-port = {_port}
            log-level = 4

            group = sendsms-user
            username = bench
            password = bench

            group = sms-service
            keyword = default
            text = none

            """,
            cancellationToken);
        await StartAsync("bearerbox", [configuration], boxes, cancellationToken);
        await StartAsync(FakeSmsc, ["-v", "4", "-m", "0", "-H", "127.0.0.1", "-r", $"{smsc}", "1 2 text none"], null, cancellationToken);
        await StartAsync("smsbox", [configuration], _port, cancellationToken);
    }

    /// <summary>Starts a program and waits until it listens.</summary>
    private async Task StartAsync(string program, string[] arguments, int? port, CancellationToken cancellationToken)
    {
        var process = Process.Start(new ProcessStartInfo("sh", ["-c", "exec \"$@\" >/dev/null 2>&1 </dev/null", "sh", program, .. arguments])
        {
            WorkingDirectory = _folder.FullName,
        })!;
        _processes.Add(process);
        if (port is { } known)
        {
            await Stack.BenchStack.UntilAsync(
                StartLimit,
                async () => process.HasExited ? throw new BenchException($"{program} ended with {process.ExitCode}") : await AnswersAsync(known) ? "" : program,
                cancellationToken);
        }
    }

    private static async Task<bool> AnswersAsync(int port)
    {
        using var client = new TcpClient();
        try
        {
            await client.ConnectAsync(IPAddress.Loopback, port);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
