using System.Net;
using System.Net.Sockets;

namespace SmsGateway.Tests.Fixtures;

/// <summary>What happens to a process when it is about to take the chosen step.</summary>
public enum Interruption
{
    /// <summary>It dies: the step is not taken.</summary>
    BeforeStep,

    /// <summary>It dies: the step is taken, and its answer comes to nobody.</summary>
    AfterStep,

    /// <summary>It stands still until it is let go on; the step is taken then.</summary>
    Pause,
}

/// <summary>
/// The wires between one process and its servers. Every write of the process is a step, whichever server it is for; at the chosen one all wires break at
/// once, as they do when the process is killed, or stand still, as when it is paused.
/// </summary>
internal sealed class BrokenWire(int step, Interruption interruption) : IAsyncDisposable
{
    private const int BufferBytes = 1 << 16;

    private readonly CancellationTokenSource _dead = new();
    private readonly TaskCompletionSource _reached = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _goesOn = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly List<TcpListener> _listeners = [];
    private readonly List<Task> _wires = [];
    private readonly Lock _lock = new();
    private bool _isArmed;
    private int _steps;

    /// <summary>Ends when the chosen step is reached.</summary>
    public Task Reached => _reached.Task;

    /// <summary>Opens a port that leads to a server of this machine.</summary>
    public int Lead(int serverPort)
    {
        var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        lock (_lock)
        {
            _listeners.Add(listener);
            _wires.Add(AcceptAsync(listener, serverPort));
        }

        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    /// <summary>Steps count from here on.</summary>
    public void Arm() => Volatile.Write(ref _isArmed, true);

    /// <summary>Lets a paused process go on.</summary>
    public void GoOn() => _goesOn.TrySetResult();

    /// <summary>Waits until the servers know that the process is dead: what they were asked for before they have done.</summary>
    public async Task DieAsync()
    {
        await _dead.CancelAsync();
        Task[] wires;
        lock (_lock)
        {
            _listeners.ForEach(listener => listener.Stop());
            wires = [.. _wires];
        }

        await Task.WhenAll(wires).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    public async ValueTask DisposeAsync()
    {
        GoOn();
        await DieAsync();
        _dead.Dispose();
    }

    private async Task AcceptAsync(TcpListener listener, int serverPort)
    {
        while (true)
        {
            var client = await listener.AcceptTcpClientAsync(_dead.Token);
            lock (_lock)
            {
                _wires.Add(CarryAsync(client, serverPort));
            }
        }
    }

    private async Task CarryAsync(TcpClient client, int serverPort)
    {
        using (client)
        using (var server = new TcpClient())
        {
            await server.ConnectAsync(IPAddress.Loopback, serverPort);
            client.NoDelay = server.NoDelay = true;
            var answers = CarryAnswersAsync(server.GetStream(), client.GetStream());
            await CarryStepsAsync(client.GetStream(), server.GetStream());
            // The server reads what is on the wire, then its end, and closes: only then has it done, or undone, all of it.
            server.Client.Shutdown(SocketShutdown.Send);
            await answers;
        }
    }

    private async Task CarryStepsAsync(NetworkStream client, NetworkStream server)
    {
        byte[] buffer = new byte[BufferBytes];
        try
        {
            while (await client.ReadAsync(buffer, _dead.Token) is > 0 and var count)
            {
                bool isChosen = Volatile.Read(ref _isArmed) && Interlocked.Increment(ref _steps) == step;
                if (isChosen && interruption == Interruption.Pause)
                {
                    _reached.TrySetResult();
                    await _goesOn.Task;
                }

                if (!isChosen || interruption != Interruption.BeforeStep)
                {
                    await server.WriteAsync(buffer.AsMemory(0, count), CancellationToken.None);
                }

                if (isChosen && interruption != Interruption.Pause)
                {
                    await _dead.CancelAsync();
                    _reached.TrySetResult();
                }
            }
        }
        catch (Exception error) when (error is IOException or OperationCanceledException)
        {
            // Dead, or the client has closed.
        }
    }

    /// <summary>What comes once the process is dead is read all the same, and goes nowhere.</summary>
    private async Task CarryAnswersAsync(NetworkStream server, NetworkStream client)
    {
        byte[] buffer = new byte[BufferBytes];
        try
        {
            while (await server.ReadAsync(buffer) is > 0 and var count)
            {
                if (!_dead.IsCancellationRequested)
                {
                    await client.WriteAsync(buffer.AsMemory(0, count));
                }
            }
        }
        catch (IOException)
        {
            // The server has ended the session, or the client has.
        }

        // A client that waits for an answer learns that none comes.
        client.Close();
    }
}
