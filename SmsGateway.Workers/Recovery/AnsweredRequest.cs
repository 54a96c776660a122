using System.Globalization;
using System.Runtime.CompilerServices;

using Npgsql;

using SmsGateway.Core.Messages;

namespace SmsGateway.Workers.Recovery;

/// <summary>A request that was answered, as the database remembers it.</summary>
/// <param name="UserId">The account that sent it.</param>
/// <param name="RequestId">What it was sent under.</param>
/// <param name="Record">What accept.lua stored of it.</param>
/// <param name="Life">How long it has to be recognised yet.</param>
internal readonly record struct AnsweredRequest(long UserId, string RequestId, string Record, TimeSpan Life)
{
    /// <summary>The requests of a shard that may be repeated still.</summary>
    public static async IAsyncEnumerable<AnsweredRequest> ReadAsync(
        NpgsqlConnection session, DateTimeOffset now, TimeSpan lifetime, int shard, int shards,
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        // Ids are in the order of time, so the primary key leads straight to the newest.
        await using var command = new NpgsqlCommand(
            """
            SELECT id, user_id, request_id, request_fingerprint, cost
              FROM sms_messages
             WHERE created_at > $1 AND id >= $2 AND request_id IS NOT NULL AND user_id % $3 = $4
            """, session)
        {
            Parameters =
            {
                new() { Value = now - lifetime }, new() { Value = MessageId.First(now - lifetime) },
                new() { Value = (long)shards }, new() { Value = (long)shard },
            },
        };
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            var id = reader.GetGuid(0);
            string record = string.Create(CultureInfo.InvariantCulture, $"{reader.GetString(3)} {id} {reader.GetInt64(4)}");
            yield return new(reader.GetInt64(1), reader.GetString(2), record, MessageId.CreatedAt(id) + lifetime - now);
        }
    }
}
