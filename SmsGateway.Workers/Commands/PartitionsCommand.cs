using System.CommandLine;

using Npgsql;

namespace SmsGateway.Workers.Commands;

/// <summary><c>partitions</c>: lists the partitions of <c>sms_messages</c> with their size and the planner's count of rows.</summary>
internal static class PartitionsCommand
{
    public static Command Create()
    {
        var command = new Command("partitions", "List the partitions of sms_messages with size and rows");
        command.SetAction((_, cancellationToken) => CommandHost.RunAsync(services => RunAsync(services, cancellationToken)));
        return command;
    }

    private static async Task<int> RunAsync(IServiceProvider services, CancellationToken cancellationToken)
    {
        await using var command = services.GetRequiredService<NpgsqlDataSource>().CreateCommand(
            """
            SELECT c.relname, pg_get_expr(c.relpartbound, c.oid), pg_size_pretty(pg_total_relation_size(c.oid)), s.n_live_tup
              FROM pg_inherits i
              JOIN pg_class c ON c.oid = i.inhrelid
              JOIN pg_stat_user_tables s ON s.relid = c.oid
             WHERE i.inhparent = 'sms_messages'::regclass
             ORDER BY c.relname
            """);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            await Console.Out.WriteLineAsync(
                $"{reader.GetString(0),-28} {reader.GetString(1),-90} {reader.GetString(2),10} {reader.GetInt64(3),14} rows");
        }

        return 0;
    }
}
