using System.CommandLine;

using Npgsql;

using SmsGateway.Core.Credits;
using SmsGateway.Core.Redis;
using SmsGateway.Workers.Audit;

using StackExchange.Redis;

namespace SmsGateway.Workers.Commands;

/// <summary><c>audit</c>: checks every invariant (ARCHITECTURE.md, Money) over the whole data and prints what it counted; exit code 0 only if all hold.</summary>
internal static class AuditCommand
{
    public static Command Create()
    {
        var command = new Command("audit", "Check every invariant over the whole data; exit code 0 only if all hold");
        command.SetAction((_, cancellationToken) => CommandHost.RunAsync(services => RunAsync(services, cancellationToken)));
        return command;
    }

    private static async Task<int> RunAsync(IServiceProvider services, CancellationToken cancellationToken)
    {
        var connection = services.GetRequiredService<IConnectionMultiplexer>();
        var database = services.GetRequiredService<NpgsqlDataSource>();
        var shards = services.GetRequiredService<Shards>();
        AuditLine[] lines =
        [
            .. await new MoneyAudit(database, new(database, services.GetRequiredService<MoneyReader>())).RunAsync(cancellationToken),
            await BufferedAsync(new(connection, shards, services.GetRequiredService<TimeProvider>()), cancellationToken),
            .. await new MessageAudit(connection, database, shards, services.GetRequiredService<TimeProvider>()).RunAsync(cancellationToken),
        ];
        foreach (var line in lines)
        {
            string verdict = line.Invariant is null ? "" : line.IsViolation ? "BROKEN" : "ok";
            await Console.Out.WriteLineAsync($"{line.Invariant,-3} {verdict,-7} {line.Count,12} {line.Name}");
            foreach (string example in line.IsViolation ? line.Examples : [])
            {
                await Console.Out.WriteLineAsync($"{"",25}{example}");
            }
        }

        int broken = lines.Count(line => line.IsViolation);
        await Console.Out.WriteLineAsync(broken == 0 ? "every invariant holds" : $"{broken} checks found violations");
        return broken == 0 ? 0 : 1;
    }

    private static async Task<AuditLine> BufferedAsync(BufferedCosts buffered, CancellationToken cancellationToken)
    {
        var differences = await buffered.ReadDifferencesAsync(cancellationToken);
        return new(
            "I3", "accounts of which Redis counts something else as buffered than it holds", differences.Count,
            [.. differences.Take(5).Select(difference => $"account {difference.UserId}: {difference.Counted} and {difference.Held}")]);
    }
}
