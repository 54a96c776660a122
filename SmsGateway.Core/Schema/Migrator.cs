using Npgsql;

namespace SmsGateway.Core.Schema;

/// <summary>One numbered SQL file.</summary>
internal readonly record struct Migration(string Name, string Sql);

/// <summary>
/// Applies the numbered SQL files of <c>Schema/Migrations</c>, each once, in order, in a transaction of its own. An advisory lock lets any
/// number of processes call it at once. It may run while the gateway serves: whatever wants to write to a table waits behind a change of the table that
/// itself waits behind a long transaction, so a change waits no longer than <see cref="LockTimeout"/> at a time, and tries again.
/// </summary>
public static class Migrator
{
    /// <summary>Locks the schema of one database against a second migrator; the number has no meaning.</summary>
    private const long AdvisoryLock = 0x534D5347_0001;

    /// <summary>Some four minutes, after which the long transaction is an operator's affair.</summary>
    private const int MostAttempts = 100;

    /// <summary>For so long ingest and the API stand still at a time; accepting does not.</summary>
    private static readonly TimeSpan LockTimeout = TimeSpan.FromMilliseconds(500);

    /// <summary>In which others do what they have waited for.</summary>
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(2);

    /// <summary>The newest file: a database that has it has all that this version of the gateway needs.</summary>
    public static string Newest { get; } = MigrationNames().Last();

    /// <summary>Brings the database up to date and returns the names of the files that it applied.</summary>
    /// <param name="database">With rights to change its schema.</param>
    /// <param name="onBlocked">Told the name of a file that could not have its locks, each time before it is tried again.</param>
    /// <param name="cancellationToken">Stops it between two files, or in one, which then leaves nothing.</param>
    /// <exception cref="PostgresException">A file failed, or still could not have its locks; those before it are applied.</exception>
    public static async Task<IReadOnlyList<string>> MigrateAsync(
        NpgsqlDataSource database, Action<string>? onBlocked = null, CancellationToken cancellationToken = default) =>
        await MigrateAsync(database, await ReadAllAsync(cancellationToken), Pause, onBlocked, cancellationToken);

    internal static async Task<IReadOnlyList<string>> MigrateAsync(
        NpgsqlDataSource database, IEnumerable<Migration> migrations, TimeSpan pause, Action<string>? onBlocked, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await ExecuteAsync(connection, Text($"SELECT pg_advisory_lock({AdvisoryLock})"), cancellationToken);
        try
        {
            await ExecuteAsync(
                connection,
                "CREATE TABLE IF NOT EXISTS schema_migrations (name text PRIMARY KEY, applied_at timestamptz NOT NULL DEFAULT now())",
                cancellationToken);
            var applied = new List<string>();
            foreach (var migration in migrations)
            {
                if (await ApplyAsync(connection, migration, pause, onBlocked, cancellationToken))
                {
                    applied.Add(migration.Name);
                }
            }

            return applied;
        }
        finally
        {
            await ExecuteAsync(connection, Text($"SELECT pg_advisory_unlock({AdvisoryLock})"), CancellationToken.None);
        }
    }

    /// <summary>False: it was applied before.</summary>
    private static async Task<bool> ApplyAsync(
        NpgsqlConnection connection, Migration migration, TimeSpan pause, Action<string>? onBlocked, CancellationToken cancellationToken)
    {
        for (int attempt = 1; ; attempt++)
        {
            try
            {
                return await TryApplyAsync(connection, migration, cancellationToken);
            }
            catch (PostgresException blocked) when (
                blocked.SqlState is PostgresErrorCodes.LockNotAvailable or PostgresErrorCodes.DeadlockDetected && attempt < MostAttempts)
            {
                onBlocked?.Invoke(migration.Name);
            }

            await Task.Delay(pause, cancellationToken);
        }
    }

    private static async Task<bool> TryApplyAsync(NpgsqlConnection connection, Migration migration, CancellationToken cancellationToken)
    {
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await ExecuteAsync(connection, Text($"SET LOCAL lock_timeout = {LockTimeout.TotalMilliseconds}"), cancellationToken);
        await using var record = new NpgsqlCommand("INSERT INTO schema_migrations (name) VALUES ($1) ON CONFLICT DO NOTHING", connection, transaction)
        {
            Parameters = { new() { Value = migration.Name } },
        };
        bool isNew = await record.ExecuteNonQueryAsync(cancellationToken) == 1;
        if (isNew)
        {
            await ExecuteAsync(connection, migration.Sql, cancellationToken);
        }

        await transaction.CommitAsync(cancellationToken);
        return isNew;
    }

    private static async Task<IReadOnlyList<Migration>> ReadAllAsync(CancellationToken cancellationToken)
    {
        var migrations = new List<Migration>();
        foreach (string name in MigrationNames())
        {
            await using var stream = typeof(Migrator).Assembly.GetManifestResourceStream(name)!;
            using var reader = new StreamReader(stream);
            migrations.Add(new(name, await reader.ReadToEndAsync(cancellationToken)));
        }

        return migrations;
    }

    private static IEnumerable<string> MigrationNames() =>
        typeof(Migrator).Assembly.GetManifestResourceNames()
            .Where(name => name.EndsWith(".sql", StringComparison.Ordinal))
            .Order(StringComparer.Ordinal);

    private static string Text(FormattableString text) => FormattableString.Invariant(text);

    private static async Task ExecuteAsync(NpgsqlConnection connection, string sql, CancellationToken cancellationToken)
    {
        // Another migrator, and a change itself, may take longer than a query should.
        await using var command = new NpgsqlCommand(sql, connection) { CommandTimeout = 0 };
        await command.ExecuteNonQueryAsync(cancellationToken);
    }
}
