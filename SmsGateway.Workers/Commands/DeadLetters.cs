using System.Text.Json;

using SmsGateway.Core.Messages;
using SmsGateway.Core.Redis;

using StackExchange.Redis;

namespace SmsGateway.Workers.Commands;

/// <summary>What an operator does with <c>dead_sms_queue</c>.</summary>
internal sealed class DeadLetters(IConnectionMultiplexer connection, Shards shards)
{
    /// <summary>Every letter, oldest first; null for what is not even a letter.</summary>
    public async Task<IReadOnlyList<(RedisKeys Keys, RedisValue Raw, DeadLetter? Letter)>> ReadAsync()
    {
        var letters = new List<(RedisKeys, RedisValue, DeadLetter?)>();
        foreach (var keys in shards.All)
        {
            var raws = await connection.GetDatabase().ListRangeAsync(keys.DeadLetters);
            letters.AddRange(raws.Select(raw => (keys, raw, Read(() => MessageJson.ReadDeadLetter((byte[])raw!)))));
        }

        return letters;
    }

    /// <summary>Puts what a letter holds back where it came from; false where it holds nothing that could be processed now.</summary>
    public async Task<bool> RequeueAsync(RedisKeys keys, RedisValue raw, DeadLetter letter)
    {
        byte[] payload = letter.Payload ?? [];
        if (letter.Source == "ingest" && Read(() => MessageJson.ReadMessage(payload)) is { } message && message.Id.ToString() == letter.Id)
        {
            return await RunAsync(keys, keys.Queue(message.Priority), [raw, payload, letter.Id, message.UserId, message.CostUnits]);
        }

        return letter.Source == "status" && Read(() => MessageJson.ReadOutcome(payload)) is { } outcome
            && await RunAsync(keys, keys.StatusBuffer, [raw, MessageJson.Write(outcome with { ParkedAt = null })]);
    }

    private async Task<bool> RunAsync(RedisKeys keys, RedisKey buffer, RedisValue[] arguments) => (int)await RedisScript.Requeue.RunAsync(
        connection.GetDatabase(), [keys.DeadLetters, buffer, keys.Messages, keys.BufferedCost], arguments) == 1;

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
