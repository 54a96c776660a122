using System.CommandLine;

using Npgsql;

using SmsGateway.Core.Credits;
using SmsGateway.Core.Money;
using SmsGateway.Core.Redis;
using SmsGateway.Workers.Audit;

using StackExchange.Redis;

namespace SmsGateway.Workers.Commands;

/// <summary>
/// <c>reconcile</c>: shows every account whose Redis, database and message sums differ, with the amounts; <c>--repair</c> mends Redis from the
/// database. Exit code 0 only if nothing differs any more. What differs within the database is shown and never repaired: the ledger is the truth.
/// </summary>
internal static class ReconcileCommand
{
    public static Command Create()
    {
        var repair = new Option<bool>("--repair") { Description = "Load what drifts in Redis anew from the database" };
        var command = new Command("reconcile", "Show every account whose Redis, database and message sums differ") { repair };
        command.SetAction((parsed, cancellationToken) =>
            CommandHost.RunAsync(services => RunAsync(services, parsed.GetValue(repair), cancellationToken)));
        return command;
    }

    private static async Task<int> RunAsync(IServiceProvider services, bool repair, CancellationToken cancellationToken)
    {
        var reconciliation = new Reconciliation(services.GetRequiredService<NpgsqlDataSource>(), services.GetRequiredService<MoneyReader>());
        var mender = new BalanceRepair(
            services.GetRequiredService<IConnectionMultiplexer>(), services.GetRequiredService<BalanceLoader>(),
            services.GetRequiredService<Shards>(), services.GetRequiredService<TimeProvider>());
        // First: what is counted as buffered hides a drift, and holds up the loading of a balance.
        int different = await ReconcileBufferedAsync(services, repair, cancellationToken);
        int checkedAccounts = 0;
        await foreach (var account in reconciliation.ReadLoadedAsync(cancellationToken))
        {
            checkedAccounts++;
            if (account.Drifts)
            {
                await Console.Out.WriteLineAsync(Describe(account));
                different += repair && await RepairAsync(mender, account, cancellationToken) ? 0 : 1;
            }
        }

        foreach (var (userId, balance, rows) in await reconciliation.ReadLedgerDifferencesAsync(cancellationToken))
        {
            await Console.Out.WriteLineAsync($"account {userId}: ledger: balance {Credits(balance)}, its applied rows {Credits(rows)}");
            different++;
        }

        foreach (var (userId, usage, cost) in await reconciliation.ReadMessageDifferencesAsync(cancellationToken))
        {
            await Console.Out.WriteLineAsync($"account {userId}: messages: usage {Credits(usage)}, cost of its messages {Credits(cost)}");
            different++;
        }

        await Console.Out.WriteLineAsync(different == 0
            ? $"everything agrees; {checkedAccounts} accounts are loaded in Redis"
            : $"{different} differences; {checkedAccounts} accounts are loaded in Redis");
        return different == 0 ? 0 : 1;
    }

    /// <summary>Returns how many accounts still differ.</summary>
    private static async Task<int> ReconcileBufferedAsync(IServiceProvider services, bool repair, CancellationToken cancellationToken)
    {
        var buffered = new BufferedCosts(
            services.GetRequiredService<IConnectionMultiplexer>(), services.GetRequiredService<Shards>(), services.GetRequiredService<TimeProvider>());
        int different = 0;
        foreach (var difference in await buffered.ReadDifferencesAsync(cancellationToken))
        {
            bool isMended = repair && await buffered.MendAsync(difference);
            different += isMended ? 0 : 1;
            await Console.Out.WriteLineAsync(
                $"account {difference.UserId}: Redis counts {difference.Counted} minor units as buffered, its buffers hold {difference.Held}"
                + (isMended ? "; mended" : ""));
        }

        return different;
    }

    private static async Task<bool> RepairAsync(BalanceRepair mender, AccountMoney account, CancellationToken cancellationToken)
    {
        var result = await mender.RunAsync(account.UserId, cancellationToken);
        await Console.Out.WriteLineAsync($"account {account.UserId}: " + result switch
        {
            BalanceLoadResult.Loaded => "taken out of Redis and loaded anew from the database",
            BalanceLoadResult.Closed => "taken out of Redis; this Redis is being rebuilt and loads it then",
            _ => "taken out of Redis; it sends nothing until what is buffered of it has reached the database",
        });
        return result == BalanceLoadResult.Loaded;
    }

    private static string Describe(AccountMoney account)
    {
        var (redis, stored) = (account.Redis, account.Database);
        return $"account {account.UserId}: Redis: balance {Credits(redis.Balance!.Value)}, pending {Credits(redis.Pending)}, "
            + $"buffered {Credits(redis.Buffered)}, reflects sync {redis.SyncSeq}; database: balance {Credits(stored.Balance)} after sync {stored.SyncSeq}, "
            + $"{Credits(stored.BalanceAsOf)} as Redis reflects it, unapplied {Credits(stored.Unapplied)}, usage still pending {Credits(stored.PendingUsage)}; "
            + $"balance differs by {Credits(account.BalanceDrift)}, pending by {Credits(account.PendingDrift)}"
            + (redis.IsGarbled ? "; what Redis holds is no number and is shown as 0" : "");
    }

    private static Amount Credits(long units) => new(units);
}
