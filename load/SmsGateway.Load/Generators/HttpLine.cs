using System.Buffers.Text;
using System.Net.Sockets;
using System.Text;

namespace SmsGateway.Load.Generators;

/// <summary>
/// One HTTP/1.1 connection that is kept alive and carries one request at a time. It does no more than a load generator needs, so that the machine
/// is left to what is measured: about a fifth of what a general client costs.
/// </summary>
internal sealed class HttpLine(Uri server) : IDisposable
{
    private const int AnswerBytes = 32 * 1024;

    private static readonly byte[] HeadEnd = "\r\n\r\n"u8.ToArray();
    private static readonly byte[] LengthName = "\r\nContent-Length:"u8.ToArray();

    private readonly byte[] _answer = new byte[AnswerBytes];
    private Socket? _socket;
    private int _bodyStart;
    private int _bodyLength;

    /// <summary>The body of the last answer, until the next request.</summary>
    public ReadOnlySpan<byte> Body => _answer.AsSpan(_bodyStart, _bodyLength);

    /// <summary>Sends a whole request and reads the whole answer; returns its status.</summary>
    /// <exception cref="SocketException">No answer came; the next call makes a new connection.</exception>
    public async ValueTask<int> AskAsync(ReadOnlyMemory<byte> request, CancellationToken cancellationToken)
    {
        try
        {
            _socket ??= await ConnectAsync(cancellationToken);
            for (int sent = 0; sent < request.Length;)
            {
                sent += await _socket.SendAsync(request[sent..], cancellationToken);
            }

            return await ReadAsync(_socket, cancellationToken);
        }
        catch
        {
            _socket?.Dispose();
            _socket = null;
            throw;
        }
    }

    public void Dispose() => _socket?.Dispose();

    private async Task<Socket> ConnectAsync(CancellationToken cancellationToken)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(server.Host, server.Port, cancellationToken);
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private async ValueTask<int> ReadAsync(Socket socket, CancellationToken cancellationToken)
    {
        int received = 0;
        int end = -1;
        while (end < 0 || received < end)
        {
            int got = received < AnswerBytes ? await socket.ReceiveAsync(_answer.AsMemory(received), cancellationToken) : 0;
            if (got == 0)
            {
                throw new SocketException((int)SocketError.ConnectionReset);
            }

            received += got;
            end = end < 0 ? FindEnd(received) : end;
        }

        // "HTTP/1.1 202 …"
        return Utf8Parser.TryParse(_answer.AsSpan(9, 3), out int status, out _) ? status : 0;
    }

    /// <summary>Where the answer ends, once its head is there; else -1.</summary>
    private int FindEnd(int received)
    {
        int head = _answer.AsSpan(0, received).IndexOf(HeadEnd);
        if (head < 0)
        {
            return -1;
        }

        _bodyStart = head + HeadEnd.Length;
        _bodyLength = ReadLength(_answer.AsSpan(0, head));
        return _bodyStart + _bodyLength;
    }

    private static int ReadLength(ReadOnlySpan<byte> head)
    {
        int place = head.IndexOf(LengthName);
        if (place < 0)
        {
            throw new BenchException($"an answer without Content-Length cannot be read: {Encoding.ASCII.GetString(head)}");
        }

        var value = head[(place + LengthName.Length)..].TrimStart((byte)' ');
        return Utf8Parser.TryParse(value, out int length, out _) ? length : 0;
    }
}
