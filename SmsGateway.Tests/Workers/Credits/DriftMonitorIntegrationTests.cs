using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

using SmsGateway.Tests.Core.Credits;
using SmsGateway.Tests.Fixtures;
using SmsGateway.Workers.Credits;

namespace SmsGateway.Tests.Workers.Credits;

[Collection(InfrastructureCollection.Name)]
public sealed class DriftMonitorIntegrationTests(Infrastructure infrastructure)
{
    [Fact]
    public async Task Round_drift_pending_and_lag_are_shown_and_forgotten_when_they_are_mended()
    {
        await using var stores = await infrastructure.NewStoresAsync();
        await stores.OpenEpochAsync();
        var accounts = new List<long>();
        for (int i = 0; i < 5; i++)
        {
            accounts.Add(await stores.NewAccountAsync(10_000));
            await stores.AcceptedAsync(stores.NewMessage(accounts[i], cost: 100));
        }

        var metrics = new CreditMetrics(UnheardMeters.Instance);
        using var monitor = new DriftMonitor(
            stores.NewReconciliation(), stores.Database, metrics, Options.Create(new CreditsOptions { DriftAccounts = 2 }), stores.Clock,
            NullLogger<DriftMonitor>.Instance);

        await RoundsAsync();
        Assert.Equal(new(0, 0, 500, 0), metrics.Totals);

        await stores.IngestAsync();
        await stores.ExecuteAsync("UPDATE credit_ledger SET created_at = now() - interval '1 minute' WHERE sync_seq IS NULL");
        await stores.Redis.StringIncrementAsync(stores.Keys.UserBalance(accounts[1]), 7);
        await stores.Redis.StringIncrementAsync(stores.Keys.UserBalance(accounts[4]), -3);
        await RoundsAsync();
        Assert.Equal((2, 10, 500), (metrics.Totals.Accounts, metrics.Totals.Drift, metrics.Totals.Pending));
        Assert.InRange(metrics.Totals.SyncLag, 60, 120);

        await stores.Sync.SyncAllAsync(default);
        await stores.Redis.StringIncrementAsync(stores.Keys.UserBalance(accounts[1]), -7);
        await RoundsAsync();
        Assert.Equal(new(1, 3, 0, 0), metrics.Totals);

        async Task RoundsAsync()
        {
            for (int round = 0; round < 3; round++)
            {
                await monitor.RunRoundAsync(default);
            }
        }
    }
}
