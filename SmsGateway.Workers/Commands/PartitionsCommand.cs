using System.CommandLine;
using System.Globalization;

using Microsoft.Extensions.Options;

using Npgsql;

using SmsGateway.Workers.Partitions;

namespace SmsGateway.Workers.Commands;

/// <summary><c>partitions</c>: lists the partitions of <c>sms_messages</c>, and retires those whose time is over.</summary>
internal static class PartitionsCommand
{
    private const string Estimate = "coalesce((SELECT n_live_tup FROM pg_stat_user_tables WHERE relid = p.oid), 0)";

    /// <summary>Counts by reading the table, which only a query made for each of them can.</summary>
    private const string Count = "(xpath('/row/c/text()', query_to_xml('SELECT count(*) AS c FROM ' || p.name, false, true, '')))[1]::text::bigint";

    public static Command Create()
    {
        var exact = new Option<bool>("--exact") { Description = "Count the rows instead of asking for the statistics' estimate" };
        var command = new Command("partitions", "List the partitions of sms_messages with size and rows; retire old ones") { exact, CreateRetire() };
        command.SetAction((parsed, cancellationToken) => CommandHost.RunAsync(async services =>
        {
            var database = services.GetRequiredService<NpgsqlDataSource>();
            await ListAsync(database, parsed.GetValue(exact), cancellationToken);
            await ListRetiredAsync(database, cancellationToken);
            return 0;
        }));
        return command;
    }

    private static Command CreateRetire()
    {
        var dryRun = new Option<bool>("--dry-run") { Description = "Only show which partitions are due" };
        var age = new Option<TimeSpan?>("--older-than")
        {
            Description = "Retire what is older than this (365.00:00:00: a year) instead of Partitions:Retention; at least seven days",
        };
        var charge = new Option<bool>("--charge-unknown")
        {
            Description = "Retire partitions with messages of unknown outcome too: these stay charged, whatever is learnt of them later",
        };
        var command = new Command("retire", "Detach partitions whose time is over, and archive or drop them as Partitions:Retired says") { dryRun, age, charge };
        command.SetAction((parsed, cancellationToken) => CommandHost.RunAsync(services => RetireAsync(
            services, parsed.GetValue(age), parsed.GetValue(dryRun), parsed.GetValue(charge) ? UnknownOutcomes.Charge : UnknownOutcomes.Hold, cancellationToken)));
        return command;
    }

    private static async Task<int> RetireAsync(
        IServiceProvider services, TimeSpan? age, bool dryRun, UnknownOutcomes unknown, CancellationToken cancellationToken)
    {
        var options = services.GetRequiredService<IOptions<PartitionsOptions>>().Value;
        if ((age ?? options.Retention) is not { } kept || kept < PartitionsOptions.ShortestRetention)
        {
            await Console.Error.WriteLineAsync(
                $"nothing says how long messages are kept: set Partitions:Retention or give --older-than, at least {PartitionsOptions.ShortestRetention}");
            return 1;
        }

        var retention = ActivatorUtilities.CreateInstance<PartitionRetention>(services);
        if (dryRun)
        {
            foreach (var due in await retention.FindDueAsync(kept, cancellationToken))
            {
                await Console.Out.WriteLineAsync($"{due.Name} is due");
            }

            return 0;
        }

        var results = await retention.RunAsync(kept, unknown, cancellationToken);
        foreach (var partition in results)
        {
            await Console.Out.WriteLineAsync(partition.HeldBy is { } reason ? $"{partition.Name} is held by {reason}" : $"retired {partition.Name}");
        }

        int held = results.Count(partition => partition.HeldBy is not null);
        await Console.Out.WriteLineAsync($"retired {results.Count - held}, held {held}");
        return held == 0 ? 0 : 1;
    }

    private static async Task ListAsync(NpgsqlDataSource database, bool exact, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand(
            $"""
            SELECT name, starts_at, ends_at, pg_size_pretty(pg_total_relation_size(oid)), {(exact ? Count : Estimate)},
                   CASE WHEN detach_pending THEN 'detach pending'
                        WHEN EXISTS (SELECT FROM retired_partitions r WHERE r.name = p.name) THEN 'being retired' ELSE '' END
              FROM sms_partitions p ORDER BY starts_at
            """);
        command.CommandTimeout = 0;
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            await Console.Out.WriteLineAsync(
                $"{reader.GetString(0),-34} {Range(reader)} {reader.GetString(3),10} {reader.GetInt64(4),14} rows {reader.GetString(5)}".TrimEnd());
        }
    }

    private static async Task ListRetiredAsync(NpgsqlDataSource database, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand(
            """
            SELECT name, starts_at, ends_at, CASE WHEN archive_schema IS NULL THEN 'dropped' ELSE 'in ' || archive_schema END,
                   (SELECT coalesce(sum(messages), 0)::bigint FROM retired_usage u WHERE u.name = r.name)
              FROM retired_partitions r WHERE out_at IS NOT NULL ORDER BY starts_at
            """);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            await Console.Out.WriteLineAsync($"{reader.GetString(0),-34} {Range(reader)} {"retired",10} {reader.GetInt64(4),14} rows {reader.GetString(3)}");
        }
    }

    private static string Range(NpgsqlDataReader reader) => string.Create(
        CultureInfo.InvariantCulture,
        $"{reader.GetFieldValue<DateTimeOffset>(1).UtcDateTime:yyyy-MM-dd} to {reader.GetFieldValue<DateTimeOffset>(2).UtcDateTime:yyyy-MM-dd}");
}
