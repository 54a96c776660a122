using System.Buffers;
using System.Net;
using System.Net.Http.Headers;
using System.Text;

namespace SmsGateway.Workers.Providers.Twilio;

/// <summary>
/// A form (<c>application/x-www-form-urlencoded</c>, WHATWG URL standard, section 5.2) written once into a pooled buffer.
/// </summary>
internal sealed class FormContent : HttpContent
{
    private const int InitialBytes = 1024;
    private const int EncodedBytesPerByte = 3;

    private static readonly MediaTypeHeaderValue FormType = new("application/x-www-form-urlencoded");

    // Letters, digits and "*-._" stand for themselves; a blank is a plus sign; everything else is percent-encoded.
    private static readonly SearchValues<byte> Plain =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789*-._"u8);

    private readonly Departure _departure;
    private byte[] _buffer = ArrayPool<byte>.Shared.Rent(InitialBytes);
    private int _length;

    /// <param name="departure">By what it leaves: the transport writes content only on a connection that stands.</param>
    public FormContent(Departure departure)
    {
        _departure = departure;
        Headers.ContentType = FormType;
    }

    /// <summary>Appends a field. Names are written as they are, so they must need no encoding.</summary>
    public void Add(ReadOnlySpan<byte> name, ReadOnlySpan<char> value)
    {
        Reserve(name.Length + 2);
        if (_length > 0)
        {
            _buffer[_length++] = (byte)'&';
        }

        name.CopyTo(_buffer.AsSpan(_length));
        _length += name.Length;
        _buffer[_length++] = (byte)'=';
        Append(value);
    }

    /// <summary>Appends to the value of the last field.</summary>
    public void Append(ReadOnlySpan<char> value)
    {
        int utf8Bytes = Encoding.UTF8.GetMaxByteCount(value.Length);
        Reserve(utf8Bytes * (EncodedBytesPerByte + 1));

        // The raw bytes go to the end of the buffer and are encoded from there to the front, which cannot overtake them.
        var raw = _buffer.AsSpan(_buffer.Length - utf8Bytes);
        Encode(raw[..Encoding.UTF8.GetBytes(value, raw)]);
    }

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) =>
        SerializeToStreamAsync(stream, context, CancellationToken.None);

    protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
    {
        await _departure.LeaveAsync(cancellationToken);
        await stream.WriteAsync(_buffer.AsMemory(0, _length), cancellationToken);
    }

    protected override bool TryComputeLength(out long length)
    {
        length = _length;
        return true;
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing && _buffer.Length > 0)
        {
            ArrayPool<byte>.Shared.Return(_buffer);
            _buffer = [];
        }

        base.Dispose(disposing);
    }

    private void Encode(ReadOnlySpan<byte> raw)
    {
        while (raw.Length > 0)
        {
            int plain = raw.IndexOfAnyExcept(Plain);
            if (plain != 0)
            {
                plain = plain < 0 ? raw.Length : plain;
                raw[..plain].CopyTo(_buffer.AsSpan(_length));
                _length += plain;
                raw = raw[plain..];
                continue;
            }

            if (raw[0] == ' ')
            {
                _buffer[_length++] = (byte)'+';
            }
            else
            {
                _buffer[_length++] = (byte)'%';
                _buffer[_length++] = HexDigit(raw[0] >> 4);
                _buffer[_length++] = HexDigit(raw[0] & 0xF);
            }

            raw = raw[1..];
        }
    }

    private static byte HexDigit(int value) => (byte)(value < 10 ? '0' + value : 'A' + value - 10);

    private void Reserve(int bytes)
    {
        if (_buffer.Length - _length >= bytes)
        {
            return;
        }

        byte[] larger = ArrayPool<byte>.Shared.Rent(_length + bytes);
        _buffer.AsSpan(0, _length).CopyTo(larger);
        ArrayPool<byte>.Shared.Return(_buffer);
        _buffer = larger;
    }
}
