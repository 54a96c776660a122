using Npgsql;

using SmsGateway.Core.Accounts;

namespace SmsGateway.Api.Accounts;

/// <summary>A key that changed and whom it stands for now; null: revoked.</summary>
internal readonly record struct ChangedKey(KeyHash Key, Caller? Caller);

/// <summary>Reads keys from the database.</summary>
internal sealed class KeyStore(NpgsqlDataSource database)
{
    private const string Columns = "k.key_hash, k.user_id, k.rights, a.status, k.expires_at, k.revoked_at";

    public async Task<Caller?> FindAsync(KeyHash key, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand(
            $"SELECT {Columns} FROM api_keys k JOIN accounts a USING (user_id) WHERE k.key_hash = $1");
        command.Parameters.Add(new() { Value = key.ToArray() });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        return await reader.ReadAsync(cancellationToken) ? Read(reader).Caller : null;
    }

    /// <summary>The keys that changed after a time, themselves or by their account, and the time by the database's clock.</summary>
    public async Task<(DateTimeOffset Now, List<ChangedKey> Changes)> ReadChangesAsync(
        DateTimeOffset after, CancellationToken cancellationToken)
    {
        await using var batch = database.CreateBatch();
        batch.BatchCommands.Add(new("SELECT now()"));
        batch.BatchCommands.Add(new(
            $"""
            SELECT {Columns} FROM api_keys k JOIN accounts a USING (user_id) WHERE k.changed_at > $1
            UNION ALL
            SELECT {Columns} FROM accounts a JOIN api_keys k USING (user_id) WHERE a.changed_at > $1
            """)
        {
            Parameters = { new() { Value = after } },
        });
        await using var reader = await batch.ExecuteReaderAsync(cancellationToken);
        await reader.ReadAsync(cancellationToken);
        var now = reader.GetFieldValue<DateTimeOffset>(0);
        await reader.NextResultAsync(cancellationToken);
        var changes = new List<ChangedKey>();
        while (await reader.ReadAsync(cancellationToken))
        {
            changes.Add(Read(reader));
        }

        return (now, changes);
    }

    private static ChangedKey Read(NpgsqlDataReader reader)
    {
        var key = KeyHash.From(reader.GetFieldValue<byte[]>(0));
        if (!reader.IsDBNull(5))
        {
            return new(key, null);
        }

        return new(key, new Caller(
            reader.GetInt64(1),
            RightsNames.Parse(reader.GetFieldValue<string[]>(2)),
            reader.GetString(3) == "active" ? AccountStatus.Active : AccountStatus.Suspended,
            reader.IsDBNull(4) ? null : reader.GetFieldValue<DateTimeOffset>(4)));
    }
}
