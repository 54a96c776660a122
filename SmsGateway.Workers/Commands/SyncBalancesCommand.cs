using System.CommandLine;

using SmsGateway.Core.Credits;

namespace SmsGateway.Workers.Commands;

/// <summary><c>sync-balances</c>: one round of <c>sync_all_balances</c>, now.</summary>
internal static class SyncBalancesCommand
{
    public static Command Create()
    {
        var command = new Command("sync-balances", "Apply every unapplied ledger row to the balances, and tell Redis");
        command.SetAction((_, cancellationToken) => CommandHost.RunAsync(async services =>
        {
            await services.GetRequiredService<Adjuster>().CompleteAllAsync(cancellationToken);
            int accounts = await services.GetRequiredService<CreditSync>().SyncAllAsync(cancellationToken);
            await Console.Out.WriteLineAsync($"synced {accounts} accounts");
            return 0;
        }));
        return command;
    }
}
