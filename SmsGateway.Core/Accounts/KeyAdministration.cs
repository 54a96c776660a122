using System.Globalization;

using Npgsql;

namespace SmsGateway.Core.Accounts;

/// <summary>A key as an operator sees it; neither the key nor its hash.</summary>
public sealed record KeyInfo(string Name, string[] Rights, DateTimeOffset CreatedAt, DateTimeOffset? ExpiresAt, DateTimeOffset? RevokedAt);

/// <summary>Makes, replaces and ends API keys. Every change sets <c>changed_at</c>, by which the API learns of it within a second.</summary>
public sealed class KeyAdministration(NpgsqlDataSource database)
{
    /// <summary>What a name of a key may be, in words.</summary>
    public const string NameRule = "1 to 64 of A-Z, a-z, 0-9, space and . _ -, without space at the ends";

    /// <summary>Keys of an account that are listed; an account that replaces its keys every day has more that are ended.</summary>
    private const int MostListed = 1_000;

    private const int LongestName = 64;

    /// <summary>Whether a text may be the name of a key: something that can stand in an address and in a line of a list.</summary>
    public static bool IsName(string name) =>
        name.Length is > 0 and <= LongestName && name[0] != ' ' && name[^1] != ' '
        && name.All(character => char.IsAsciiLetterOrDigit(character) || character is ' ' or '.' or '_' or '-');

    /// <summary>Finds an account by its name, else by its number; null where there is none.</summary>
    public async Task<long?> FindAccountAsync(string account, CancellationToken cancellationToken)
    {
        await using var command = Command(
            "SELECT user_id FROM accounts WHERE name = $1 OR user_id = $2 ORDER BY name = $1 DESC LIMIT 1", account,
            long.TryParse(account, NumberStyles.None, CultureInfo.InvariantCulture, out long number) ? number : -1);
        return (long?)await command.ExecuteScalarAsync(cancellationToken);
    }

    /// <summary>The account's keys, the valid ones first, then those that ended last.</summary>
    public async Task<List<KeyInfo>> ListAsync(long userId, CancellationToken cancellationToken)
    {
        await using var command = Command(
            """
            SELECT name, rights, created_at, expires_at, revoked_at FROM api_keys
             WHERE user_id = $1 ORDER BY revoked_at DESC NULLS FIRST, name LIMIT $2
            """, userId, MostListed);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var keys = new List<KeyInfo>();
        while (await reader.ReadAsync(cancellationToken))
        {
            keys.Add(new(
                reader.GetString(0), reader.GetFieldValue<string[]>(1), reader.GetFieldValue<DateTimeOffset>(2), Time(reader, 3), Time(reader, 4)));
        }

        return keys;
    }

    /// <summary>Makes a key, which nobody will see again; null where the account has a valid one of this name.</summary>
    public async Task<string?> CreateAsync(long userId, string name, Rights rights, DateTimeOffset? expiresAt, CancellationToken cancellationToken)
    {
        string key = ApiKey.New();
        await using var command = Command(
            """
            INSERT INTO api_keys (key_hash, user_id, name, rights, expires_at) VALUES ($1, $2, $3, $4, $5)
            ON CONFLICT (user_id, name) WHERE revoked_at IS NULL DO NOTHING
            """, ApiKey.Hash(key), userId, name, rights.Names(), expiresAt?.ToUniversalTime() ?? (object)DBNull.Value);
        return await command.ExecuteNonQueryAsync(cancellationToken) == 1 ? key : null;
    }

    /// <summary>Ends a key and makes another of the same name, rights and expiry, both or neither; null where there is no such key.</summary>
    public async Task<string?> RotateAsync(long userId, string name, CancellationToken cancellationToken)
    {
        string key = ApiKey.New();
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await using var revoke = new NpgsqlCommand(
            """
            UPDATE api_keys SET revoked_at = now(), changed_at = now()
             WHERE user_id = $1 AND name = $2 AND revoked_at IS NULL RETURNING key_hash
            """, connection, transaction)
        {
            Parameters = { new() { Value = userId }, new() { Value = name } },
        };
        if (await revoke.ExecuteScalarAsync(cancellationToken) is not byte[] old)
        {
            return null;
        }

        await using var make = new NpgsqlCommand(
            """
            INSERT INTO api_keys (key_hash, user_id, name, rights, expires_at)
            SELECT $1, user_id, name, rights, expires_at FROM api_keys WHERE key_hash = $2
            """, connection, transaction)
        {
            Parameters = { new() { Value = ApiKey.Hash(key) }, new() { Value = old } },
        };
        await make.ExecuteNonQueryAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return key;
    }

    /// <summary>Ends a key; false where there is no such key that is not ended.</summary>
    public async Task<bool> RevokeAsync(long userId, string name, CancellationToken cancellationToken)
    {
        await using var command = Command(
            "UPDATE api_keys SET revoked_at = now(), changed_at = now() WHERE user_id = $1 AND name = $2 AND revoked_at IS NULL", userId, name);
        return await command.ExecuteNonQueryAsync(cancellationToken) == 1;
    }

    private NpgsqlCommand Command(string sql, params ReadOnlySpan<object> values)
    {
        var command = database.CreateCommand(sql);
        foreach (object value in values)
        {
            command.Parameters.Add(new() { Value = value });
        }

        return command;
    }

    private static DateTimeOffset? Time(NpgsqlDataReader reader, int column) =>
        reader.IsDBNull(column) ? null : reader.GetFieldValue<DateTimeOffset>(column);
}
