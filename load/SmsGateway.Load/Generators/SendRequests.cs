using System.Globalization;
using System.Text;
using System.Text.Unicode;

using SmsGateway.Load.Stack;

namespace SmsGateway.Load.Generators;

/// <summary>Writes sends, each with a request id of its own, of several accounts in turn.</summary>
internal sealed class SendRequests
{
    private readonly byte[][] _heads;
    private readonly byte[] _tail;
    private readonly string _run;

    public SendRequests(Uri server, IReadOnlyList<BenchAccount> accounts, BenchRun run, string priority = "normal", string part = "all")
    {
        string body = $$"""{"recipient":"+447700900123","message":"Your code is 493817. It is valid for ten minutes.","priority":"{{priority}}"}""";
        _run = $"{run.Id}-{part}";
        _tail = Encoding.ASCII.GetBytes($"\r\n\r\n{body}");
        _heads = [.. accounts.Select(account => Encoding.ASCII.GetBytes(string.Create(
            CultureInfo.InvariantCulture,
            $"POST /api/sms/send/ HTTP/1.1\r\nHost: {server.Authority}\r\nContent-Type: application/json\r\nContent-Length: {body.Length}\r\nX-Api-Key: {account.Key}\r\nX-Request-ID: ")))];
    }

    /// <summary>Writes the request of a number; returns its length.</summary>
    public int Write(long number, Memory<byte> buffer)
    {
        var rest = buffer.Span;
        byte[] head = _heads[number % _heads.Length];
        head.CopyTo(rest);
        Utf8.TryWrite(rest[head.Length..], CultureInfo.InvariantCulture, $"{_run}-{number}", out int written);
        _tail.CopyTo(rest[(head.Length + written)..]);
        return head.Length + written + _tail.Length;
    }
}
