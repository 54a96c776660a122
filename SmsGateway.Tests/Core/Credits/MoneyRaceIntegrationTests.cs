using System.Collections.Concurrent;

using SmsGateway.Core.Credits;
using SmsGateway.Core.Messages;
using SmsGateway.Tests.Fixtures;

namespace SmsGateway.Tests.Core.Credits;

/// <summary>Everything that moves money at the same time, thousands of times, against a count of its own.</summary>
[Collection(InfrastructureCollection.Name)]
public sealed class MoneyRaceIntegrationTests(Infrastructure infrastructure) : IAsyncLifetime
{
    private const int Sends = 6_000;
    private const int Senders = 12;
    private const int TopUps = 300;
    private const int Losses = 100;

    private readonly ConcurrentDictionary<long, long> _count = new();
    private Stores _stores = null!;
    private long[] _accounts = [];

    public async Task InitializeAsync()
    {
        _stores = await infrastructure.NewStoresAsync();
        await _stores.OpenEpochAsync();
        _accounts = [await _stores.NewAccountAsync(1_000), await _stores.NewAccountAsync(1_000), await _stores.NewAccountAsync(1_000)];
        foreach (long userId in _accounts)
        {
            _count[userId] = 1_000;
        }
    }

    public async Task DisposeAsync() => await _stores.DisposeAsync();

    [Fact]
    public async Task Money_everything_at_once_is_exact()
    {
        using var done = new CancellationTokenSource();
        Task[] background =
        [
            RepeatAsync(() => _stores.IngestAsync(), done.Token),
            RepeatAsync(() => _stores.IngestAsync(), done.Token),
            RepeatAsync(() => _stores.FlushStatusAsync(), done.Token),
            RepeatAsync(() => _stores.Sync.SyncAllAsync(default), done.Token),
            RepeatAsync(() => _stores.Sync.SyncAllAsync(default), done.Token),
            RepeatAsync(AuditAsync, done.Token),
        ];
        await Task.WhenAll([.. Enumerable.Range(0, Senders).Select(SendAndCancelAsync), TopUpAndAdjustAsync(), DispatchAsync(), LoseBalancesAsync()]);
        await done.CancelAsync();
        await Task.WhenAll(background);

        await _stores.DrainAsync(_accounts);
        await _stores.AssertSettledAsync(_count);
        Assert.True(await _stores.ScalarAsync<long>("SELECT count(*) FROM sms_messages") > Sends / 10, "hardly anything was sent");
    }

    private async Task SendAndCancelAsync(int sender)
    {
        var random = new Random(sender);
        for (int i = 0; i < Sends / Senders; i++)
        {
            var message = _stores.NewMessage(_accounts[random.Next(_accounts.Length)], cost: 1 + random.Next(40));
            int code = (await _stores.AcceptAsync(message, message.Id.ToString())).Code;
            if (code == 5)
            {
                await _stores.Loader.LoadAsync(message.UserId, default);
            }
            else if (code == 1)
            {
                Count(message.UserId, -message.CostUnits);
                if (random.Next(3) == 0)
                {
                    int[] codes = await Task.WhenAll(_stores.CancelAsync(message), _stores.CancelAsync(message));
                    Assert.True(codes.Count(cancel => cancel == 1) <= 1);
                    Count(message.UserId, codes.Contains(1) ? message.CostUnits : 0);
                }
            }
        }
    }

    private async Task TopUpAndAdjustAsync()
    {
        var adjuster = _stores.NewAdjuster();
        for (int i = 0; i < TopUps; i++)
        {
            long userId = _accounts[i % _accounts.Length];
            await _stores.TopUpAsync(userId, 100);
            Count(userId, 100);
            if (await adjuster.AdjustAsync(new(userId, LedgerKinds.Adjustment, new(-30), $"{i}", "race"), default) == CreditResult.Written)
            {
                Count(userId, -30);
            }
        }
    }

    /// <summary>Half of what it takes fails; a failure is told twice.</summary>
    private async Task DispatchAsync()
    {
        for (int i = 0; i < TopUps; i++)
        {
            foreach (var id in await _stores.ClaimDispatchAsync(5))
            {
                bool fails = id.ToByteArray()[^1] % 2 == 0;
                for (int told = 0; told < 2; told++)
                {
                    await _stores.CompleteDispatchAsync(id, fails ? MessageState.Failed : MessageState.Sent);
                }

                if (fails)
                {
                    var (userId, cost) = await CostAsync(id);
                    Count(userId, cost);
                }
            }
        }
    }

    private async Task LoseBalancesAsync()
    {
        for (int i = 0; i < Losses; i++)
        {
            await _stores.Redis.KeyDeleteAsync(_stores.Keys.UserBalance(_accounts[i % _accounts.Length]));
            await _stores.Sync.SyncAccountAsync(_accounts[i % _accounts.Length], default);
        }
    }

    /// <summary>Redis and database agree at any moment, not only when nothing moves.</summary>
    private async Task AuditAsync()
    {
        foreach (var account in (await _stores.NewReconciliation().ReadBatchAsync(0, 10, default)).Loaded)
        {
            Assert.False(account.Drifts, $"{account} drifts by {account.BalanceDrift}, pending by {account.PendingDrift}");
        }
    }

    private async Task<(long UserId, long Cost)> CostAsync(Guid id) => (
        await _stores.ScalarAsync<long>("SELECT user_id FROM sms_messages WHERE id = $1", id),
        await _stores.ScalarAsync<long>("SELECT cost FROM sms_messages WHERE id = $1", id));

    private void Count(long userId, long units) => _count.AddOrUpdate(userId, units, (_, before) => before + units);

    private static async Task RepeatAsync(Func<Task> action, CancellationToken until)
    {
        while (!until.IsCancellationRequested)
        {
            await action();
        }
    }
}
