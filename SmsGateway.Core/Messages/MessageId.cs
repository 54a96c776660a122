using System.Buffers.Binary;

namespace SmsGateway.Core.Messages;

/// <summary>
/// Message ids are UUIDs of version 7 (RFC 9562, section 5.7). The 48 bits of Unix time in milliseconds that open such an id
/// <em>are</em> the message's creation time, so an id alone finds its partition. The 12 bits after the version hold the fraction of
/// that millisecond (section 6.2, method 3), so that ids sort as their messages came, also within a millisecond and over several replicas.
/// </summary>
public static class MessageId
{
    /// <summary>The bits of an id that count the messages of a bulk: room for 16,384.</summary>
    private const uint BulkMask = 0x3FFF;

    private static readonly long Earliest = new DateTimeOffset(2020, 1, 1, 0, 0, 0, TimeSpan.Zero).ToUnixTimeMilliseconds();
    private static readonly long Latest = new DateTimeOffset(2200, 1, 1, 0, 0, 0, TimeSpan.Zero).ToUnixTimeMilliseconds();

    /// <summary>A new id whose creation time is <paramref name="now"/>, cut to the millisecond.</summary>
    public static Guid New(DateTimeOffset now)
    {
        Span<byte> bytes = stackalloc byte[16];
        WriteNew(bytes, now);
        return new(bytes, bigEndian: true);
    }

    /// <summary>
    /// The first id of a bulk. The others count on from it in the lowest bits (<see cref="InBulk"/>), so that one id names them all.
    /// </summary>
    public static Guid NewBulk(DateTimeOffset now)
    {
        Span<byte> bytes = stackalloc byte[16];
        WriteNew(bytes, now);
        ushort low = BinaryPrimitives.ReadUInt16BigEndian(bytes[14..]);
        BinaryPrimitives.WriteUInt16BigEndian(bytes[14..], (ushort)(low & ~BulkMask));
        return new(bytes, bigEndian: true);
    }

    /// <summary>The id of the message at a position of a bulk, counted from 0.</summary>
    public static Guid InBulk(Guid first, int position)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)position, BulkMask);
        Span<byte> bytes = stackalloc byte[16];
        first.TryWriteBytes(bytes, bigEndian: true, out _);
        ushort low = BinaryPrimitives.ReadUInt16BigEndian(bytes[14..]);
        BinaryPrimitives.WriteUInt16BigEndian(bytes[14..], (ushort)(low | position));
        return new(bytes, bigEndian: true);
    }

    /// <summary>The first id of the bulk that a message belongs to, and its position there. Only for ids of bulks.</summary>
    public static (Guid First, int Position) OfBulk(Guid id)
    {
        Span<byte> bytes = stackalloc byte[16];
        id.TryWriteBytes(bytes, bigEndian: true, out _);
        ushort low = BinaryPrimitives.ReadUInt16BigEndian(bytes[14..]);
        BinaryPrimitives.WriteUInt16BigEndian(bytes[14..], (ushort)(low & ~BulkMask));
        return (new(bytes, bigEndian: true), (int)(low & BulkMask));
    }

    /// <summary>Not above any id that is made at this time or later, in the order of PostgreSQL.</summary>
    public static Guid First(DateTimeOffset time)
    {
        Span<byte> bytes = stackalloc byte[16];
        bytes.Clear();
        BinaryPrimitives.WriteInt64BigEndian(bytes, time.ToUnixTimeMilliseconds() << 16);
        return new(bytes, bigEndian: true);
    }

    /// <summary>The creation time held in an id, in UTC, exact to the millisecond.</summary>
    public static DateTimeOffset CreatedAt(Guid id) => DateTimeOffset.FromUnixTimeMilliseconds(Milliseconds(id));

    /// <summary>Whether an id is one that this gateway can have made: version 7, variant 10, and a time of this or the next century.</summary>
    public static bool IsValid(Guid id) =>
        id.Version == 7 && (id.Variant & 0b1100) == 0b1000 && Milliseconds(id) >= Earliest && Milliseconds(id) < Latest;

    /// <summary>Reads an id in the 36-character form; anything else, or a UUID of another version, is refused.</summary>
    public static bool TryParse(string? text, out Guid id) => Guid.TryParseExact(text, "D", out id) && IsValid(id);

    private static void WriteNew(Span<byte> bytes, DateTimeOffset now)
    {
        const int version = 0x7000;
        Guid.CreateVersion7(now).TryWriteBytes(bytes, bigEndian: true, out _);
        long fraction = ((now.UtcTicks % TimeSpan.TicksPerMillisecond) << 12) / TimeSpan.TicksPerMillisecond;
        BinaryPrimitives.WriteUInt16BigEndian(bytes[6..], (ushort)(version | fraction));
    }

    private static long Milliseconds(Guid id)
    {
        Span<byte> bytes = stackalloc byte[16];
        id.TryWriteBytes(bytes, bigEndian: true, out _);
        return BinaryPrimitives.ReadInt64BigEndian(bytes) >>> 16;
    }
}
