using System.Buffers;
using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Security.Cryptography;

using SmsGateway.Core.Messages;
using SmsGateway.Core.Money;

namespace SmsGateway.Api.Messages;

/// <summary>
/// Tells a repeated send from another one with the same request id: half of the SHA-256 of its fields in their one form, so that spelling
/// the same request differently makes no difference. Each field goes with its length, so that no two requests run together.
/// </summary>
internal static class Fingerprint
{
    private const int HashBytes = 16;
    private const int MostBytes = 8 * 1024;

    public static string Of(Send send)
    {
        byte[] buffer = ArrayPool<byte>.Shared.Rent(MostBytes);
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(Write(send, buffer), hash);
        ArrayPool<byte>.Shared.Return(buffer);
        return Convert.ToHexStringLower(hash[..HashBytes]);
    }

    /// <summary>The fingerprint of many sends in one request, in their order.</summary>
    public static string Of(IReadOnlyList<Send> sends, Amount? maxCost)
    {
        byte[] buffer = ArrayPool<byte>.Shared.Rent(MostBytes);
        using var sha = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var send in sends)
        {
            sha.AppendData(Write(send, buffer));
        }

        var rest = buffer.AsSpan();
        Write(maxCost?.Units ?? -1, ref rest);
        sha.AppendData(buffer.AsSpan(0, buffer.Length - rest.Length));
        ArrayPool<byte>.Shared.Return(buffer);
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        sha.GetHashAndReset(hash);
        return BulkRecord.FingerprintPrefix + Convert.ToHexStringLower(hash[..HashBytes]);
    }

    private static ReadOnlySpan<byte> Write(Send send, byte[] buffer)
    {
        var rest = buffer.AsSpan();
        Write(send.Recipient, ref rest);
        Write(send.Text, ref rest);
        Write(send.Sender, ref rest);
        Write(send.ClientReference, ref rest);
        Write(send.CallbackUrl, ref rest);
        Write((int)send.Priority, ref rest);
        Write(send.ValiditySeconds, ref rest);
        Write(send.ScheduledAt?.UtcTicks ?? -1, ref rest);
        Write(send.MaxCost?.Units ?? -1, ref rest);
        return buffer.AsSpan(0, buffer.Length - rest.Length);
    }

    private static void Write(string? text, ref Span<byte> rest)
    {
        Write(text?.Length ?? -1, ref rest);
        var bytes = MemoryMarshal.AsBytes(text.AsSpan());
        bytes.CopyTo(rest);
        rest = rest[bytes.Length..];
    }

    private static void Write(long number, ref Span<byte> rest)
    {
        BinaryPrimitives.WriteInt64LittleEndian(rest, number);
        rest = rest[sizeof(long)..];
    }
}
