using Npgsql;

using SmsGateway.Core.Schema;
using SmsGateway.Tests.Fixtures;

namespace SmsGateway.Tests.Core.Schema;

/// <summary>Migrations while others read and write.</summary>
[Collection(InfrastructureCollection.Name)]
public sealed class MigratorIntegrationTests(Infrastructure infrastructure) : IAsyncLifetime
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);
    private static readonly Migration Expand = new("9999_expand.sql", "ALTER TABLE accounts ADD COLUMN comment text NOT NULL DEFAULT ''");

    private Stores _stores = null!;

    public async Task InitializeAsync() => _stores = await infrastructure.NewStoresAsync();

    public async Task DisposeAsync() => await _stores.DisposeAsync();

    [Fact]
    public async Task Migrate_behind_a_long_transaction_lets_writers_pass_and_ends_when_it_has_ended()
    {
        // As a backup or a report does: it only reads, and the change of a table must wait for it.
        await using var report = await _stores.Database.OpenConnectionAsync();
        await using var reading = await report.BeginTransactionAsync();
        await using (var read = new NpgsqlCommand("SELECT count(*) FROM accounts", report, reading))
        {
            await read.ExecuteScalarAsync();
        }

        var blocked = new SemaphoreSlim(0);
        var migrating = Migrator.MigrateAsync(_stores.Database, [Expand], Pause, _ => blocked.Release(), default);
        for (int times = 0; times < 3; times++)
        {
            Assert.True(await blocked.WaitAsync(TimeSpan.FromSeconds(30)));
            // Behind a change that waits for the report it would wait for the report as well.
            await _stores.NewAccountAsync(0).WaitAsync(TimeSpan.FromSeconds(5));
            Assert.False(migrating.IsCompleted);
        }

        await reading.CommitAsync();

        Assert.Equal([Expand.Name], await migrating.WaitAsync(TimeSpan.FromSeconds(30)));
        Assert.Equal("", await _stores.ScalarAsync<string>("SELECT comment FROM accounts LIMIT 1"));
    }

    [Fact]
    public async Task Migrate_by_many_at_once_applies_each_file_once()
    {
        var applied = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Migrator.MigrateAsync(_stores.Database, [Expand], Pause, onBlocked: null, default)));

        Assert.Equal([Expand.Name], applied.SelectMany(names => names));
    }

    [Fact]
    public async Task Migrate_of_a_file_that_fails_leaves_nothing_of_it_and_keeps_those_before()
    {
        var broken = new Migration("9999_then.sql", "CREATE TABLE half (id int); SELECT 1 / 0");

        await Assert.ThrowsAsync<PostgresException>(() => Migrator.MigrateAsync(_stores.Database, [Expand, broken], Pause, onBlocked: null, default));

        Assert.Equal(1, await _stores.ScalarAsync<long>("SELECT count(*) FROM schema_migrations WHERE name LIKE '9999%'"));
        Assert.False(await _stores.ScalarAsync<bool>("SELECT to_regclass('half') IS NOT NULL"));
        Assert.Equal([], await Migrator.MigrateAsync(_stores.Database, [Expand], Pause, onBlocked: null, default));
    }

    [Fact]
    public async Task Newest_is_what_a_migrated_database_has() => Assert.Equal(
        Migrator.Newest, await _stores.ScalarAsync<string>("SELECT max(name) FROM schema_migrations"));
}
