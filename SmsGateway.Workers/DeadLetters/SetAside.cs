using System.Security.Cryptography;
using System.Text.Json;

using SmsGateway.Core.Messages;
using SmsGateway.Core.Redis;

using StackExchange.Redis;

namespace SmsGateway.Workers.DeadLetters;

/// <summary>A dead letter as it lies in <c>dead_sms_queue</c>.</summary>
internal sealed record SetAside
{
    private const int IdLengthBytes = 6;

    private SetAside(RedisKeys keys, RedisValue raw, DeadLetter? letter) => (Keys, Raw, Letter) = (keys, raw, letter);

    public RedisKeys Keys { get; }

    /// <summary>Byte for byte what lies there.</summary>
    public RedisValue Raw { get; }

    /// <summary>Null for what is not even a letter.</summary>
    public DeadLetter? Letter { get; }

    /// <summary>By what an operator names it: the beginning of the SHA-256 of <see cref="Raw"/>. Two that are alike byte for byte share it.</summary>
    public string Id => Convert.ToHexStringLower(SHA256.HashData((byte[])Raw!))[..(2 * IdLengthBytes)];

    /// <summary>The message that could not be stored; null where it holds none that could be processed.</summary>
    public QueuedMessage? Message =>
        Letter?.Source == "ingest" && Read(() => MessageJson.ReadMessage(Letter.Payload ?? [])) is { } message && message.Id.ToString() == Letter.Id ? message : null;

    /// <summary>The outcome that found no message, or was refused; null where it holds none.</summary>
    public Outcome? Outcome => Letter?.Source == "status" ? Read(() => MessageJson.ReadOutcome(Letter.Payload ?? [])) : null;

    /// <summary>The message that the database has and whose payload in Redis was damaged; null where it is not known which.</summary>
    public Guid? Damaged => Letter?.Source == "dispatch" && MessageId.TryParse(Letter.Id, out var id) ? id : null;

    public static SetAside Read(RedisKeys keys, RedisValue raw) => new(keys, raw, Read(() => MessageJson.ReadDeadLetter((byte[])raw!)));

    private static T? Read<T>(Func<T> read)
        where T : class
    {
        try
        {
            return read();
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
