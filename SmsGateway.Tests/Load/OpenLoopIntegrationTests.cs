using System.Net;
using System.Net.Sockets;

using SmsGateway.Load.Generators;

namespace SmsGateway.Tests.Load;

public sealed class OpenLoopIntegrationTests
{
    private const int Rate = 200;

    private static readonly byte[] Request = "POST / HTTP/1.1\r\n\r\n"u8.ToArray();
    private static readonly byte[] Answer = "HTTP/1.1 202 Accepted\r\nContent-Length: 2\r\n\r\n{}"u8.ToArray();
    private static readonly TimeSpan Stall = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    /// <summary>One connection, and a server that answers nothing for a while: a closed loop would see one slow request.</summary>
    [Fact]
    public async Task RunAsync_against_a_server_that_stalls_counts_the_wait_of_all_that_were_due_meanwhile()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        using var abort = new CancellationTokenSource(Limit);
        using var stop = new CancellationTokenSource();
        var server = AnswerAsync(listener, abort.Token);
        int answered = 0;
        var loop = new OpenLoop(
            new Uri($"http://127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}"),
            connections: 1,
            (_, buffer) => Write(buffer),
            (_, _, _, body) =>
            {
                Assert.Equal("{}"u8, body);
                if (Interlocked.Increment(ref answered) == Rate)
                {
                    stop.Cancel();
                }
            })
        {
            Rate = Rate,
        };

        await loop.RunAsync(stop.Token, abort.Token);
        await abort.CancelAsync();
        await server;

        Assert.Equal(0, loop.FailedCount);
        Assert.True(loop.AcceptedCount >= Rate);
        // Of about two hundred a hundred were due during the stall, half of them in its first half.
        Assert.InRange(loop.Milliseconds(85), Stall.TotalMilliseconds / 2, double.MaxValue);
    }

    private static int Write(Memory<byte> buffer)
    {
        Request.CopyTo(buffer);
        return Request.Length;
    }

    private static async Task AnswerAsync(TcpListener listener, CancellationToken cancellationToken)
    {
        try
        {
            using var client = await listener.AcceptSocketAsync(cancellationToken);
            byte[] received = new byte[Request.Length];
            for (int count = 0; ; count++)
            {
                for (int length = 0; length < Request.Length;)
                {
                    int got = await client.ReceiveAsync(received.AsMemory(length), cancellationToken);
                    if (got == 0)
                    {
                        return;
                    }

                    length += got;
                }

                if (count == 1)
                {
                    // What this server does, not a wait for something.
                    await Task.Delay(Stall, cancellationToken);
                }

                await client.SendAsync(Answer, cancellationToken);
            }
        }
        catch (OperationCanceledException)
        {
            // The test is over.
        }
    }
}
