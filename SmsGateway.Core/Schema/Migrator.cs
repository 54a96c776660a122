using System.Globalization;

using Npgsql;

namespace SmsGateway.Core.Schema;

/// <summary>
/// Applies the numbered SQL files of <c>Schema/Migrations</c>, each once, in order, in a transaction of its own. An advisory lock lets any
/// number of processes call it at once.
/// </summary>
public static class Migrator
{
    /// <summary>Locks the schema of one database against a second migrator; the number has no meaning.</summary>
    private const long AdvisoryLock = 0x534D5347_0001;

    /// <summary>Brings the database up to date and returns the names of the files that it applied.</summary>
    public static async Task<IReadOnlyList<string>> MigrateAsync(NpgsqlDataSource database, CancellationToken cancellationToken = default)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await ExecuteAsync(connection, string.Create(CultureInfo.InvariantCulture, $"SELECT pg_advisory_lock({AdvisoryLock})"), cancellationToken);
        try
        {
            return await ApplyMissingAsync(connection, cancellationToken);
        }
        finally
        {
            await ExecuteAsync(
                connection, string.Create(CultureInfo.InvariantCulture, $"SELECT pg_advisory_unlock({AdvisoryLock})"), CancellationToken.None);
        }
    }

    private static async Task<IReadOnlyList<string>> ApplyMissingAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await ExecuteAsync(
            connection,
            "CREATE TABLE IF NOT EXISTS schema_migrations (name text PRIMARY KEY, applied_at timestamptz NOT NULL DEFAULT now())",
            cancellationToken);

        var applied = new List<string>();
        foreach (string name in MigrationNames())
        {
            await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
            await using var record = new NpgsqlCommand("INSERT INTO schema_migrations (name) VALUES ($1) ON CONFLICT DO NOTHING", connection, transaction)
            {
                Parameters = { new() { Value = name } },
            };
            if (await record.ExecuteNonQueryAsync(cancellationToken) == 1)
            {
                await ExecuteAsync(connection, await ReadAsync(name, cancellationToken), cancellationToken);
                applied.Add(name);
            }

            await transaction.CommitAsync(cancellationToken);
        }

        return applied;
    }

    private static IEnumerable<string> MigrationNames() =>
        typeof(Migrator).Assembly.GetManifestResourceNames()
            .Where(name => name.EndsWith(".sql", StringComparison.Ordinal))
            .Order(StringComparer.Ordinal);

    private static async Task<string> ReadAsync(string name, CancellationToken cancellationToken)
    {
        await using var stream = typeof(Migrator).Assembly.GetManifestResourceStream(name)!;
        using var reader = new StreamReader(stream);
        return await reader.ReadToEndAsync(cancellationToken);
    }

    private static async Task ExecuteAsync(NpgsqlConnection connection, string sql, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }
}
