using SmsGateway.Tests.EndToEnd;

namespace SmsGateway.Tests.ProviderSimulator;

/// <summary>A provider that is started again with the journal of one that was killed.</summary>
public sealed class JournalIntegrationTests : IDisposable
{
    private const string Token = "0193e1a0-aaaa-4222-8333-444455556666";
    private static readonly Guid MessageId = Guid.Parse("0193e1a0-1111-7222-8333-444455556666");
    private static readonly (string, string) Slow = ("Simulator:Faults:Receipts:FinalAfter", "00:10:00");

    private static readonly TimeSpan DrainLimit = TimeSpan.FromSeconds(10);

    private readonly string _path = Path.GetTempFileName();

    [Fact]
    public async Task Start_with_a_journal_knows_messages_and_tokens_and_posts_the_receipts_that_were_to_come()
    {
        await using var receiver = await ReceiptReceiver.StartAsync();
        string? sid;
        await using (var killed = await StartAsync(Slow))
        {
            sid = await PostAsync(killed, receiver);
            Assert.Equal(["sent"], await receiver.NextStatusesAsync(1));
        }

        await using (var next = await StartAsync())
        {
            // A receipt that was taken comes again; that is harmless, and one that was not must come.
            Assert.Equal(["sent", "delivered"], await receiver.NextStatusesAsync(2));
            Assert.Equal(sid, await PostAsync(next, receiver));
            var log = await next.Client.GetStringAsync(new Uri("/control/log", UriKind.Relative));
            Assert.Contains(sid!, Assert.Single(log.Split('\n', StringSplitOptions.RemoveEmptyEntries)), StringComparison.Ordinal);
            using var other = await next.PostAsync();
            Assert.NotEqual(sid, (await SimulatorUnderTest.ReadJsonAsync(other)).GetProperty("sid").GetString());
            await Until.CompleteAsync(DrainLimit, async () => await PendingAsync(next) == 0 ? "" : "the end of the receipts");
        }

        await using var last = await StartAsync();
        Assert.Equal((2, 0), ((await last.StatsAsync()).GetProperty("remembered").GetInt64(), await PendingAsync(last)));
    }

    [Fact]
    public async Task Reset_forgets_the_journal_too()
    {
        await using var receiver = await ReceiptReceiver.StartAsync();
        await using (var first = await StartAsync())
        {
            await PostAsync(first, receiver);
            await first.Client.DeleteAsync(new Uri("/control/messages", UriKind.Relative));
            using var kept = await first.PostAsync();
        }

        await using var next = await StartAsync();
        Assert.Equal(1, (await next.StatsAsync()).GetProperty("remembered").GetInt64());
    }

    public void Dispose() => File.Delete(_path);

    private Task<SimulatorUnderTest> StartAsync(params (string, string)[] settings) => SimulatorUnderTest.StartAsync(
        [("Simulator:Journal", _path), ("Simulator:Faults:Idempotency", "Honoured"), .. settings]);

    private static async Task<int> PendingAsync(SimulatorUnderTest simulator) =>
        (await simulator.StatsAsync()).GetProperty("receipts").GetProperty("pendingMessages").GetInt32();

    private static async Task<string?> PostAsync(SimulatorUnderTest simulator, ReceiptReceiver receiver)
    {
        using var response = await simulator.PostWithTokenAsync(Token, ("StatusCallback", receiver.UrlFor(MessageId)));
        return (await SimulatorUnderTest.ReadJsonAsync(response)).GetProperty("sid").GetString();
    }
}
