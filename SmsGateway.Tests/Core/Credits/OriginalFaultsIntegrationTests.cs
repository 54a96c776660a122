using System.Reflection;

using SmsGateway.Core.Credits;
using SmsGateway.Core.Messages;
using SmsGateway.Core.Money;
using SmsGateway.Tests.Fixtures;

namespace SmsGateway.Tests.Core.Credits;

/// <summary>
/// The faults of ORIGINAL.md that touch money and have no test beside the code that would have them. Fault 1 and 8: CreditSyncIntegrationTests; 2:
/// BalanceLoaderIntegrationTests; 6 and 7: IngesterIntegrationTests.
/// </summary>
[Collection(InfrastructureCollection.Name)]
public sealed class OriginalFaultsIntegrationTests(Infrastructure infrastructure) : IAsyncLifetime
{
    private Stores _stores = null!;
    private long _userId;

    public async Task InitializeAsync()
    {
        _stores = await infrastructure.NewStoresAsync();
        await _stores.OpenEpochAsync();
        _userId = await _stores.NewAccountAsync(10_000);
    }

    public async Task DisposeAsync() => await _stores.DisposeAsync();

    [Fact]
    public async Task Fault_3_cancel_raced_refunds_once_and_leaves_nothing_pending()
    {
        for (int round = 0; round < 200; round++)
        {
            var message = await _stores.AcceptedAsync(_stores.NewMessage(_userId, cost: 1_000));
            int[] codes = [];
            await Task.WhenAll(_stores.IngestAsync(), CancelManyAsync());
            await _stores.FlushStatusAsync();
            await _stores.DrainAsync([_userId]);

            Assert.Single(codes, code => code == 1);
            Assert.Equal((10_000, 0), await _stores.MoneyAsync(_userId));
            Assert.Equal("cancelled", await _stores.StateAsync(message.Id));

            async Task CancelManyAsync() => codes = await Task.WhenAll(Enumerable.Range(0, 5).Select(_ => _stores.CancelAsync(message)));
        }

        await AssertSettledAsync(10_000);
    }

    [Fact]
    public async Task Fault_3_cancel_again_after_the_message_was_handed_over_is_no_second_cancel()
    {
        var message = await _stores.AcceptedAsync(_stores.NewMessage(_userId, scheduledAt: TestClock.Start.AddHours(1)));
        Assert.Equal(1, await _stores.CancelAsync(message));
        await _stores.IngestAsync();

        Assert.Equal(2, await _stores.CancelAsync(message));
        await _stores.Redis.KeyDeleteAsync(_stores.Keys.Cancellation(message.Id));
        Assert.Equal(2, await _stores.CancelAsync(message));

        Assert.Equal(1, await _stores.Redis.ListLengthAsync(_stores.Keys.StatusBuffer));
        Assert.Equal(0, await _stores.Redis.SetLengthAsync(_stores.Keys.Cancelled));
    }

    [Fact]
    public async Task Fault_4_sending_that_failed_is_refunded()
    {
        await _stores.AcceptedAsync(_stores.NewMessage(_userId, cost: 1_000));
        await _stores.IngestAsync();
        var id = Assert.Single(await _stores.ClaimDispatchAsync(1));

        await _stores.CompleteDispatchAsync(id, MessageState.Failed);
        await _stores.DrainAsync([_userId]);

        await AssertSettledAsync(10_000);
    }

    [Fact]
    public async Task Fault_5_accept_charges_queues_and_remembers_the_request_together_or_not_at_all()
    {
        // The script runs whole or not at all; a client whose answer was lost asks again and learns what became of its request.
        await _stores.Loader.LoadAsync(_userId, default);
        for (int round = 0; round < 9; round++)
        {
            var message = _stores.NewMessage(_userId, cost: 1_000);
            var answers = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => _stores.AcceptAsync(message, $"request {round}")));

            Assert.Single(answers, answer => answer.Code == 1);
            Assert.All(answers.Where(answer => answer.Code != 1), answer => Assert.Equal((2, $"{message.Id} 1000"), answer));
            Assert.Equal(round + 1, await _stores.Redis.ListLengthAsync(_stores.Keys.NormalQueue));
            Assert.Equal(10_000 - (1_000 * (round + 1)), (await _stores.MoneyAsync(_userId)).Balance);
        }

        // What is refused is neither charged nor remembered: the same request may come again when there is money.
        Assert.Equal(4, (await _stores.AcceptAsync(_stores.NewMessage(_userId, cost: 1_001), "request 10")).Code);
        await _stores.TopUpAsync(_userId, 1);
        Assert.Equal(1, (await _stores.AcceptAsync(_stores.NewMessage(_userId, cost: 1_001), "request 10")).Code);

        await _stores.DrainAsync([_userId]);
        await AssertSettledAsync(0);
    }

    [Fact]
    public async Task Fault_11_money_that_no_double_can_hold_is_exact_all_the_way()
    {
        // Ten charges of 0.1 are not 1 in floating point, and beyond 2^53 a double loses units.
        await _stores.TopUpAsync(_userId, Amount.MaxUnits - 10_000);
        for (int i = 0; i < 10; i++)
        {
            await _stores.AcceptedAsync(_stores.NewMessage(_userId, cost: 1_000));
        }

        await _stores.AcceptedAsync(_stores.NewMessage(_userId, cost: 1));
        Assert.Equal((Amount.MaxUnits - 10_001, 10_001), await _stores.MoneyAsync(_userId));

        await _stores.DrainAsync([_userId]);
        await AssertSettledAsync(Amount.MaxUnits - 10_001);
    }

    [Fact]
    public void Fault_11_nothing_that_holds_money_is_floating_point()
    {
        Type[] holders = [typeof(Amount), typeof(RedisMoney), typeof(DatabaseMoney), typeof(LedgerEntry), typeof(QueuedMessage), typeof(Adjustment)];

        Assert.All(holders.SelectMany(type => type.GetProperties(BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance)), property =>
            Assert.False(property.PropertyType == typeof(double) || property.PropertyType == typeof(float), $"{property.DeclaringType}.{property.Name}"));
    }

    private Task AssertSettledAsync(long balance) => _stores.AssertSettledAsync(new Dictionary<long, long> { [_userId] = balance });
}
