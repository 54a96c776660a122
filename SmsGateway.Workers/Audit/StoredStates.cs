using Npgsql;

using SmsGateway.Core.Messages;

namespace SmsGateway.Workers.Audit;

/// <summary>What the database knows of the state of messages.</summary>
internal static class StoredStates
{
    /// <summary>The states of those messages that the database has.</summary>
    public static async Task<Dictionary<Guid, MessageState>> ReadAsync(
        NpgsqlDataSource database, IReadOnlyCollection<Guid> ids, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand(
            """
            SELECT m.id, m.state::text FROM unnest($1, $2) AS i(id, created_at)
              JOIN sms_messages m ON m.id = i.id AND m.created_at = i.created_at
            """);
        command.Parameters.Add(new() { Value = ids.ToArray() });
        command.Parameters.Add(new() { Value = ids.Select(MessageId.CreatedAt).ToArray() });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var states = new Dictionary<Guid, MessageState>();
        while (await reader.ReadAsync(cancellationToken))
        {
            MessageStates.TryParse(reader.GetString(1), out var state);
            states[reader.GetGuid(0)] = state;
        }

        return states;
    }
}
