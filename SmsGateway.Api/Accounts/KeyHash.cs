using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace SmsGateway.Api.Accounts;

/// <summary>
/// The SHA-256 of an API key as a value. Keys are found by this hash in a dictionary and never compared as text: what the time of a
/// look-up could tell is where two hashes part, and nobody can steer the hash of a guess. So no constant-time comparison is needed.
/// </summary>
internal readonly record struct KeyHash(ulong Part0, ulong Part1, ulong Part2, ulong Part3)
{
    private const int Bytes = SHA256.HashSizeInBytes;

    /// <summary>Hashes a key of at most <see cref="Core.Accounts.ApiKey.MaxLength"/> characters. Allocates nothing.</summary>
    public static KeyHash Of(string key)
    {
        Span<byte> text = stackalloc byte[Encoding.UTF8.GetMaxByteCount(Core.Accounts.ApiKey.MaxLength)];
        int length = Encoding.UTF8.GetBytes(key, text);
        Span<byte> hash = stackalloc byte[Bytes];
        SHA256.HashData(text[..length], hash);
        return From(hash);
    }

    public static KeyHash From(ReadOnlySpan<byte> hash) => new(
        BinaryPrimitives.ReadUInt64BigEndian(hash),
        BinaryPrimitives.ReadUInt64BigEndian(hash[8..]),
        BinaryPrimitives.ReadUInt64BigEndian(hash[16..]),
        BinaryPrimitives.ReadUInt64BigEndian(hash[24..]));

    public byte[] ToArray()
    {
        byte[] hash = new byte[Bytes];
        BinaryPrimitives.WriteUInt64BigEndian(hash, Part0);
        BinaryPrimitives.WriteUInt64BigEndian(hash.AsSpan(8), Part1);
        BinaryPrimitives.WriteUInt64BigEndian(hash.AsSpan(16), Part2);
        BinaryPrimitives.WriteUInt64BigEndian(hash.AsSpan(24), Part3);
        return hash;
    }
}
