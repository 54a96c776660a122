using System.CommandLine;

using Microsoft.Extensions.Options;

using Npgsql;

using SmsGateway.Core.Schema;
using SmsGateway.Workers.Partitions;

namespace SmsGateway.Workers.Commands;

/// <summary><c>migrate</c>: brings the schema up to date and makes the partitions for now and ahead. Safe to repeat.</summary>
internal static class MigrateCommand
{
    /// <summary>How long a database that is just starting is waited for.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private static readonly TimeSpan RetryDelay = TimeSpan.FromMilliseconds(250);

    public static Command Create()
    {
        var command = new Command("migrate", "Bring the database schema up to date and make the partitions for now and ahead");
        command.SetAction((_, cancellationToken) => CommandHost.RunAsync(services => RunAsync(services, cancellationToken)));
        return command;
    }

    private static async Task<int> RunAsync(IServiceProvider services, CancellationToken cancellationToken)
    {
        var database = services.GetRequiredService<NpgsqlDataSource>();
        var clock = services.GetRequiredService<TimeProvider>();
        await WaitForAsync(database, clock, cancellationToken);
        foreach (string migration in await Migrator.MigrateAsync(database, SayBlocked, cancellationToken))
        {
            await Console.Out.WriteLineAsync($"applied {migration}");
        }

        var options = services.GetRequiredService<IOptions<PartitionsOptions>>().Value;
        var now = clock.GetUtcNow();
        foreach (string partition in await Core.Schema.Partitions.EnsureAsync(database, options.Interval, now, now + options.Ahead, cancellationToken))
        {
            await Console.Out.WriteLineAsync($"made partition {partition}");
        }

        return 0;
    }

    private static void SayBlocked(string migration) =>
        Console.Error.WriteLine($"{migration} waits for a table that a long transaction holds (pg_stat_activity shows it), and tries again");

    private static async Task WaitForAsync(NpgsqlDataSource database, TimeProvider clock, CancellationToken cancellationToken)
    {
        long started = clock.GetTimestamp();
        while (true)
        {
            try
            {
                await using var connection = await database.OpenConnectionAsync(cancellationToken);
                return;
            }
            catch (NpgsqlException) when (clock.GetElapsedTime(started) < Patience)
            {
                await Task.Delay(RetryDelay, clock, cancellationToken);
            }
        }
    }
}
