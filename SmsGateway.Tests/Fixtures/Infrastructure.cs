using Aspire.Hosting;
using Aspire.Hosting.Testing;

using Npgsql;

using SmsGateway.Core.Schema;

namespace SmsGateway.Tests.Fixtures;

/// <summary>
/// Real Redis and PostgreSQL, started by the AppHost once for all tests of the collection. Each test takes stores of its own from it
/// (<see cref="NewStoresAsync"/>): a database made from a migrated template, and a logical database of Redis.
/// </summary>
public sealed class Infrastructure : IAsyncLifetime
{
    private const string Template = "sms_template";

    // Not a private one of mode 0700: PostgreSQL runs as another user where the tests run as root.
    private readonly DirectoryInfo _data = Directory.CreateDirectory(
        Path.Combine(Path.GetTempPath(), $"sms-gateway-tests-{Path.GetRandomFileName()}"));
    private DistributedApplication? _app;
    private string _redis = "";
    private string _database = "";
    private int _stores;

    public async Task InitializeAsync()
    {
        var builder = await DistributedApplicationTestingBuilder.CreateAsync<Projects.SmsGateway_AppHost>(
            ["--Services=none", "--Infrastructure=native", $"--DataFolder={_data.FullName}"]);
        _app = await builder.BuildAsync();
        await _app.StartAsync();
        await _app.ResourceNotifications.WaitForResourceHealthyAsync("redis").WaitAsync(TimeSpan.FromMinutes(1));
        await _app.ResourceNotifications.WaitForResourceHealthyAsync("postgres").WaitAsync(TimeSpan.FromMinutes(1));
        _redis = (await _app.GetConnectionStringAsync("redis"))!;
        _database = (await _app.GetConnectionStringAsync("smsdb"))!;

        await ExecuteAsync($"CREATE DATABASE {Template}");
        await using var template = NpgsqlDataSource.Create(DatabaseNamed(Template, pooling: false));
        await Migrator.MigrateAsync(template);
        await Partitions.EnsureAsync(template, PartitionInterval.Month, TestClock.Start, TestClock.Start);
    }

    public async Task DisposeAsync()
    {
        if (_app is not null)
        {
            await _app.DisposeAsync();
        }

        _data.Delete(recursive: true);
    }

    /// <summary>Empty stores that nobody else uses.</summary>
    internal async Task<Stores> NewStoresAsync()
    {
        int number = Interlocked.Increment(ref _stores);
        string name = $"test_{number}";
        await ExecuteAsync($"CREATE DATABASE {name} TEMPLATE {Template}");
        return await Stores.OpenAsync($"{_redis},defaultDatabase={number},abortConnect=false,allowAdmin=true", DatabaseNamed(name, pooling: true));
    }

    private string DatabaseNamed(string name, bool pooling) =>
        new NpgsqlConnectionStringBuilder(_database) { Database = name, Pooling = pooling, MaxPoolSize = 20 }.ConnectionString;

    private async Task ExecuteAsync(string sql)
    {
        await using var source = NpgsqlDataSource.Create(_database);
        await using var command = source.CreateCommand(sql);
        await command.ExecuteNonQueryAsync();
    }
}

/// <summary>The tests that share one Redis and one PostgreSQL.</summary>
[CollectionDefinition(Name)]
public sealed class InfrastructureCollection : ICollectionFixture<Infrastructure>
{
    public const string Name = "infrastructure";
}
