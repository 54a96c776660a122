using System.Net.Sockets;
using System.Threading.Channels;

using HdrHistogram;

namespace SmsGateway.Load.Generators;

/// <summary>
/// An open loop: requests are due at times of their own, whatever became of those before, and their latency counts from when they were
/// <em>due</em>. A server that stalls makes all of them late that were due meanwhile, and each of them shows (no coordinated omission).
/// </summary>
/// <param name="server">Where to.</param>
/// <param name="connections">Requests under way at once at most. What is due when all are taken waits, and its wait counts.</param>
/// <param name="write">Writes the request of a number into the buffer; returns its length.</param>
/// <param name="answered">Told of each answer: number, when the request was due, status, body. Called from many threads.</param>
internal sealed class OpenLoop(Uri server, int connections, Func<long, Memory<byte>, int> write, Action<long, long, int, ReadOnlySpan<byte>>? answered = null)
{
    private const int RequestBytes = 2048;
    private const int Accepted = 202;

    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(1);
    private static readonly TimeSpan AskTimeout = TimeSpan.FromSeconds(30);

    // What is due and not yet under way: bounded by the rate times the longest stall, for the pacer never waits.
    private readonly Channel<(long Number, long Due)> _due = Channel.CreateUnbounded<(long, long)>(new() { SingleWriter = true });
    private readonly LongConcurrentHistogram _latency = new(1, TimeSpan.FromMinutes(10).Ticks, 3);
    private long _dueCount;
    private long _accepted;
    private long _failed;
    private long _rateMicro;

    /// <summary>Requests a second that are due from now on.</summary>
    public double Rate
    {
        get => Volatile.Read(ref _rateMicro) / 1e6;
        set => Volatile.Write(ref _rateMicro, (long)(value * 1e6));
    }

    /// <summary>Requests that were due, whether or not they are answered.</summary>
    public long DueCount => Volatile.Read(ref _dueCount);

    /// <summary>Answers 202.</summary>
    public long AcceptedCount => Volatile.Read(ref _accepted);

    /// <summary>Other answers, and requests without one.</summary>
    public long FailedCount => Volatile.Read(ref _failed);

    /// <summary>Latency from the time a request was due, in ticks of 100 ns; of accepted ones.</summary>
    public LongConcurrentHistogram Latency => _latency;

    /// <summary>Latency at a percentile in milliseconds.</summary>
    public double Milliseconds(double percentile) => _latency.GetValueAtPercentile(percentile) / (double)TimeSpan.TicksPerMillisecond;

    /// <summary>Sends at <see cref="Rate"/> until told to stop, then waits for the answers to what was due.</summary>
    public async Task RunAsync(CancellationToken stop, CancellationToken abort)
    {
        var lines = Enumerable.Range(0, connections).Select(_ => SendAsync(abort)).ToList();
        await PaceAsync(stop);
        _due.Writer.Complete();
        await Task.WhenAll(lines);
    }

    private async Task PaceAsync(CancellationToken stop)
    {
        using var timer = new PeriodicTimer(Tick);
        long last = TimeProvider.System.GetTimestamp();
        double owed = 0;
        long number = 0;
        try
        {
            while (await timer.WaitForNextTickAsync(stop))
            {
                long now = TimeProvider.System.GetTimestamp();
                double before = owed;
                owed += TimeProvider.System.GetElapsedTime(last, now).TotalSeconds * Rate;
                // Spread over the time since the last tick: the k-th was due when the sum passed k.
                for (int k = 1; k <= (int)owed; k++)
                {
                    double part = owed > before ? (k - before) / (owed - before) : 1;
                    await _due.Writer.WriteAsync((number++, last + (long)((now - last) * Math.Clamp(part, 0, 1))), CancellationToken.None);
                }

                Volatile.Write(ref _dueCount, number);
                owed -= (int)owed;
                last = now;
            }
        }
        catch (OperationCanceledException)
        {
            // Told to stop.
        }
    }

    private async Task SendAsync(CancellationToken abort)
    {
        using var line = new HttpLine(server);
        byte[] request = new byte[RequestBytes];
        await foreach (var (number, due) in _due.Reader.ReadAllAsync(abort))
        {
            using var limit = CancellationTokenSource.CreateLinkedTokenSource(abort);
            limit.CancelAfter(AskTimeout);
            int status;
            try
            {
                status = await line.AskAsync(request.AsMemory(0, write(number, request)), limit.Token);
            }
            catch (Exception error) when (error is SocketException || (error is OperationCanceledException && !abort.IsCancellationRequested))
            {
                Interlocked.Increment(ref _failed);
                continue;
            }

            Count(due, status);
            answered?.Invoke(number, due, status, line.Body);
        }
    }

    private void Count(long due, int status)
    {
        if (status == Accepted)
        {
            Interlocked.Increment(ref _accepted);
            _latency.RecordValue(Math.Max(1, TimeProvider.System.GetElapsedTime(due).Ticks));
        }
        else
        {
            Interlocked.Increment(ref _failed);
        }
    }
}
