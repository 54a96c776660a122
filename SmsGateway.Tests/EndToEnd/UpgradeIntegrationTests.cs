using System.Globalization;

using SmsGateway.Core.Messages;
using SmsGateway.Core.Schema;

using Xunit.Abstractions;

namespace SmsGateway.Tests.EndToEnd;

/// <summary>
/// An upgrade as docs/operations.md says: the schema is expanded while the old version serves, then its processes are replaced one after another, all
/// under traffic. <c>./bench upgrade --from COMMIT</c> runs it with that commit as the old version, and longer.
/// </summary>
[Collection(EndToEndTestGroup.Name)]
public sealed class UpgradeIntegrationTests(UpgradingStack stack, ITestOutputHelper output) : IClassFixture<UpgradingStack>
{
    private const int Customers = 4;
    private const long CreditUnits = 100_000_000;

    /// <summary>What a migration may do, to the tables that are written most.</summary>
    private static readonly Migration Expand = new("9999_expand.sql",
        """
        ALTER TABLE sms_messages ADD COLUMN campaign text NOT NULL DEFAULT '';
        ALTER TABLE credit_ledger ADD COLUMN comment text;
        ALTER TABLE accounts ADD COLUMN region text NOT NULL DEFAULT 'eu';
        CREATE TABLE campaigns (name text PRIMARY KEY, user_id bigint NOT NULL REFERENCES accounts);
        """);

    /// <summary>Messages accepted before and after each step.</summary>
    private static int Step => int.Parse(Environment.GetEnvironmentVariable("UPGRADE_STEP") ?? "60", CultureInfo.InvariantCulture);

    private static int Senders => int.Parse(Environment.GetEnvironmentVariable("UPGRADE_SENDERS") ?? "4", CultureInfo.InvariantCulture);

    [Fact]
    public async Task Upgrade_under_traffic_loses_and_doubles_nothing_and_leaves_nothing_in_doubt()
    {
        output.WriteLine($"old version: {UpgradingStack.From ?? "this one"}");
        var customers = await Task.WhenAll(Enumerable.Range(0, Customers).Select(_ => stack.NewCustomerAsync(CreditUnits)));
        await using var traffic = new Traffic(customers, seed: 1, new(SendersPerCustomer: Senders));
        await traffic.AcceptAsync(Step);

        var applied = await Migrator.MigrateAsync(stack.Database, Say);
        output.WriteLine($"migrated while the old version serves: {(applied.Count == 0 ? "nothing new" : string.Join(", ", applied))}");
        await Migrator.MigrateAsync(stack.Database, [Expand], TimeSpan.FromMilliseconds(100), Say, default);
        await traffic.AcceptAsync(Step);
        Assert.Equal(0, traffic.Refusals);

        stack.Deploy();
        foreach (var (resource, replica) in new[] { ("workers", 0), ("workers", 1), ("api-1", 0), ("api-2", 0) })
        {
            var process = await stack.FindProcessAsync(resource, replica);
            await process.StopAsync();
            await traffic.AcceptAsync(Step);
            await process.StartAsync();
            output.WriteLine($"{resource} {replica} replaced: {traffic}");
        }

        await traffic.AcceptAsync(Step);
        await traffic.StopAsync();
        var settlement = await Settlement.OfAsync(stack, traffic, MessageState.Delivered);
        output.WriteLine($"{traffic}; {settlement.Stored.Count} stored");
        settlement.AssertStoredOnce();
        settlement.AssertEndedWell();
        settlement.AssertSentOnce();
        await settlement.AssertMoneyIsExactAsync();
        // Who is told to end leaves nothing to an heir, so the provider is asked once for each message.
        Assert.Equal(0, await CountInDoubtAsync(customers));
    }

    /// <summary>Messages that were unknown at some time, or for which a provider was asked more than once.</summary>
    private async Task<long> CountInDoubtAsync(IEnumerable<Customer> customers)
    {
        await using var command = stack.Database.CreateCommand(
            "SELECT count(*) FROM sms_messages WHERE user_id = ANY($1) AND (unknown_at IS NOT NULL OR attempts > 1)");
        command.Parameters.Add(new() { Value = customers.Select(customer => customer.UserId).ToArray() });
        return (long)(await command.ExecuteScalarAsync())!;
    }

    private void Say(string migration) => output.WriteLine($"{migration} waits for its locks");
}
