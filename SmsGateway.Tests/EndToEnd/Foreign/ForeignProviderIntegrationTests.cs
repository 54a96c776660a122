using SmsGateway.Core.Messages;

using Xunit.Abstractions;

namespace SmsGateway.Tests.EndToEnd.Foreign;

/// <summary>Whatever another maker's provider answers, and whichever worker dies: its record and the gateway's agree.</summary>
[Collection(EndToEndTestGroup.Name)]
public sealed class ForeignProviderIntegrationTests(ForeignStack stack, ITestOutputHelper output) : IClassFixture<ForeignStack>
{
    private const int Customers = 4;
    private const int BetweenKills = 200;
    private const long CreditUnits = 100_000_000;

    [Fact]
    public async Task Faults_and_kills_of_workers_each_message_ends_once_is_sent_once_and_the_contract_holds()
    {
        output.WriteLine($"FAULT_SEED={stack.Seed}");
        var customers = await Task.WhenAll(Enumerable.Range(0, Customers).Select(_ => stack.NewCustomerAsync(CreditUnits)));
        await using var traffic = new Traffic(customers, stack.Seed, new());
        for (int kill = 0; kill < 2; kill++)
        {
            await traffic.AcceptAsync(BetweenKills);
            var worker = await stack.FindProcessAsync("workers", kill);
            await worker.KillAsync();
            await worker.StartAsync();
        }

        await traffic.AcceptAsync(BetweenKills);
        await traffic.StopAsync();
        var settlement = await Settlement.OfAsync(stack, traffic, MessageState.Delivered);
        await stack.Provider.ReportedAsync();
        output.WriteLine($"{traffic}; {stack.Provider.Requests} requests at the provider, {stack.Provider.BusiestSecond} in its busiest second");

        settlement.AssertStoredOnce();
        settlement.AssertEndedWell();
        await settlement.AssertMoneyIsExactAsync();
        Assert.Equal(
            settlement.Stored.Where(message => message.State == MessageState.Delivered).Select(message => message.Id).Order(),
            stack.Provider.Taken.Keys.Select(Guid.Parse).Order());
        Assert.All(
            settlement.Stored.Where(message => message.State == MessageState.Delivered),
            message => Assert.Equal(stack.Provider.Taken[message.Id.ToString()], message.ProviderMessageId));
        Assert.InRange(stack.Provider.BusiestSecond, 1, ForeignStack.Contract);
    }
}
