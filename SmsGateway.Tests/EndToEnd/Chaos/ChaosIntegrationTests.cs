using SmsGateway.Core.Messages;

using Xunit.Abstractions;

namespace SmsGateway.Tests.EndToEnd.Chaos;

/// <summary>The gateway with bounds that a test can reach, and a provider whose own record outlives it.</summary>
public sealed class ChaosStack : RunningStack
{
    private protected override string[] MoreSettings =>
    [
        "--ServiceEnvironment:Accept__BacklogLimit=3000",
        $"--ServiceEnvironment:Simulator__Journal={Path.Combine(DataFolder, "provider.jsonl")}",
    ];
}

/// <summary>
/// Whatever is done to the gateway while customers send: each message that was answered with 202 is stored once, sent once and charged once.
/// </summary>
[Collection(EndToEndTestGroup.Name)]
public sealed class ChaosIntegrationTests(ChaosStack stack, ITestOutputHelper output) : IClassFixture<ChaosStack>
{
    private const int Customers = 4;
    private const int SenderRate = 10;
    private const long CreditUnits = 10_000_000_000;

    [Fact]
    public async Task Chaos_loses_nothing_doubles_nothing_and_keeps_money_exact()
    {
        var plan = ChaosPlan.FromEnvironment();
        output.WriteLine(plan.ToString());

        // After a loss the answer to a request asked again may be another one.
        var pattern = new TrafficPattern(
            plan.MayLose ? AfterAnswer.GoOn : AfterAnswer.AskAgain, Math.Max(plan.Rate / SenderRate / Customers, 1), BrokenInPercent: 2);
        var customers = await Task.WhenAll(Enumerable.Range(0, Customers).Select(_ => stack.NewCustomerAsync(CreditUnits)));
        await using var traffic = new Traffic(customers, plan.Seed, pattern);
        var struck = await new Havoc(stack).RunAsync(plan);
        await traffic.StopAsync();

        long stopped = TimeProvider.System.GetTimestamp();
        MessageState[] ends = plan.MayLose ? [MessageState.Delivered, MessageState.Sent] : [MessageState.Delivered];
        var settlement = await Settlement.OfAsync(stack, traffic, ends);
        var report = new ChaosReport(
            plan, struck, settlement.Records, traffic.ToString(), await settlement.ReadDriftsAsync(), TimeProvider.System.GetElapsedTime(stopped));
        output.WriteLine(report.ToString());
        await WriteResultAsync(report);

        Assert.Equal(0, report.Violations);
        Assert.Equal(0, report.SlowRecoveries);
        await stack.AssertAuditIsCleanAsync();
    }

    /// <summary>For a command that runs this test: <c>CHAOS_RESULT</c> names the file that gets the table and the line of JSON.</summary>
    private static async Task WriteResultAsync(ChaosReport report)
    {
        if (Environment.GetEnvironmentVariable("CHAOS_RESULT") is { Length: > 0 } file)
        {
            await File.WriteAllTextAsync(file, $"{report}{report.ToJson()}\n");
        }
    }
}
