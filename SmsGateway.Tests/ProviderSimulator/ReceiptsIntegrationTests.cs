using System.Text.Json;

namespace SmsGateway.Tests.ProviderSimulator;

public sealed class ReceiptsIntegrationTests
{
    private static readonly Guid MessageId = Guid.Parse("0193e1a0-1111-7222-8333-444455556666");

    [Fact]
    public async Task Receipts_of_a_good_message_are_sent_then_delivered_and_signed()
    {
        await using var receiver = await ReceiptReceiver.StartAsync();
        await using var simulator = await SimulatorUnderTest.StartAsync();

        using var response = await simulator.PostAsync(("StatusCallback", receiver.UrlFor(MessageId)));
        var sid = (await SimulatorUnderTest.ReadJsonAsync(response)).GetProperty("sid").GetString();
        var sent = await receiver.NextAsync();
        var delivered = await receiver.NextAsync();

        Assert.Equal(("sent", "delivered"), (sent.Status, delivered.Status));
        foreach (var receipt in (ReceivedReceipt[])[sent, delivered])
        {
            Assert.True(receipt.SignatureIsRight);
            Assert.Equal(sid, receipt.Sid);
            Assert.Equal(sid, receipt.Fields["SmsSid"]);
            Assert.Equal(receipt.Status, receipt.Fields["SmsStatus"]);
            Assert.Equal(SimulatorUnderTest.To, receipt.Fields["To"]);
            Assert.Equal("Acme", receipt.Fields["From"]);
            Assert.Equal(SimulatorUnderTest.AccountSid, receipt.Fields["AccountSid"]);
            Assert.Equal("2010-04-01", receipt.Fields["ApiVersion"]);
            Assert.False(receipt.Fields.ContainsKey("ErrorCode"));
        }
    }

    [Theory]
    [InlineData("+9992010001", "sent,undelivered", "30005")]
    [InlineData("+9992020001", "failed", "30008")]
    [InlineData("+9992050001", "sent,sent,delivered,delivered", null)]
    [InlineData("+9992060001", "delivered,sent", null)]
    [InlineData("+9992070001", "sent,delivered", null)]
    public async Task Receipts_of_a_magic_number_are_as_documented(string to, string statuses, string? errorCode)
    {
        await using var receiver = await ReceiptReceiver.StartAsync();
        await using var simulator = await SimulatorUnderTest.StartAsync();
        var expected = statuses.Split(',');

        using var response = await simulator.PostAsync(("To", to), ("StatusCallback", receiver.UrlFor(MessageId)));
        var received = new List<ReceivedReceipt>();
        while (received.Count < expected.Length)
        {
            received.Add(await receiver.NextAsync());
        }

        Assert.Equal(expected, received.Select(receipt => receipt.Status));
        Assert.Equal(errorCode, received[^1].Fields.GetValueOrDefault("ErrorCode"));
        await DrainAsync(simulator);
        Assert.Equal(expected.Length, (await ReceiptStatsAsync(simulator)).GetProperty("sent").GetInt64());
    }

    [Fact]
    public async Task Receipts_that_are_lost_are_never_posted_and_counted()
    {
        await using var receiver = await ReceiptReceiver.StartAsync();
        await using var simulator = await SimulatorUnderTest.StartAsync();

        using var lost = await simulator.PostAsync(("To", "+9992030001"), ("StatusCallback", receiver.UrlFor(MessageId)));
        using var finalLost = await simulator.PostAsync(("To", "+9992040001"), ("StatusCallback", receiver.UrlFor(MessageId)));
        await DrainAsync(simulator);

        var stats = await ReceiptStatsAsync(simulator);
        Assert.Equal("sent", (await receiver.NextAsync()).Status);
        Assert.Equal(1, stats.GetProperty("sent").GetInt64());
        Assert.Equal(3, stats.GetProperty("lost").GetInt64());
    }

    [Fact]
    public async Task Receipt_of_an_expired_message_is_failed_with_30036()
    {
        await using var receiver = await ReceiptReceiver.StartAsync();
        await using var simulator = await SimulatorUnderTest.StartAsync(
            ("Simulator:Faults:Receipts:SentAfter", "00:00:01.1"), ("Simulator:Faults:Receipts:FinalAfter", "00:00:01.2"));

        using var response = await simulator.PostAsync(("ValidityPeriod", "1"), ("StatusCallback", receiver.UrlFor(MessageId)));
        var receipt = await receiver.NextAsync();

        Assert.Equal(("failed", "30036"), (receipt.Status, receipt.Fields["ErrorCode"]));
    }

    [Fact]
    public async Task Receipt_refused_with_5xx_is_posted_again_before_the_next_one()
    {
        await using var receiver = await ReceiptReceiver.StartAsync();
        await using var simulator = await SimulatorUnderTest.StartAsync();
        receiver.AnswerNextWith(500, 503);

        using var response = await simulator.PostAsync(("StatusCallback", receiver.UrlFor(MessageId)));

        Assert.Equal(["sent", "sent", "sent", "delivered"], await receiver.NextStatusesAsync(4));
        await DrainAsync(simulator);
        var stats = await ReceiptStatsAsync(simulator);
        Assert.Equal(2, stats.GetProperty("sent").GetInt64());
        Assert.Equal(2, stats.GetProperty("retried").GetInt64());
    }

    [Fact]
    public async Task Receipt_refused_to_the_last_attempt_or_with_4xx_has_failed()
    {
        await using var receiver = await ReceiptReceiver.StartAsync();
        await using var simulator = await SimulatorUnderTest.StartAsync(("Simulator:ReceiptAttempts", "2"));
        receiver.AnswerNextWith(500, 500, 404);

        using var response = await simulator.PostAsync(("StatusCallback", receiver.UrlFor(MessageId)));

        Assert.Equal(["sent", "sent", "delivered"], await receiver.NextStatusesAsync(3));
        await DrainAsync(simulator);
        Assert.Equal(2, (await ReceiptStatsAsync(simulator)).GetProperty("failed").GetInt64());
    }

    [Fact]
    public async Task Receipt_that_nobody_takes_has_failed()
    {
        string url;
        await using (var gone = await ReceiptReceiver.StartAsync())
        {
            url = gone.UrlFor(MessageId);
        }

        await using var simulator = await SimulatorUnderTest.StartAsync(("Simulator:ReceiptAttempts", "2"));
        using var response = await simulator.PostAsync(("StatusCallback", url));
        await DrainAsync(simulator);

        var stats = await ReceiptStatsAsync(simulator);
        Assert.Equal(2, stats.GetProperty("failed").GetInt64());
        Assert.Equal(2, stats.GetProperty("retried").GetInt64());
    }

    [Fact]
    public async Task Receipts_of_many_messages_all_arrive_in_order_over_few_connections()
    {
        const int Messages = 500, Connections = 4;
        await using var receiver = await ReceiptReceiver.StartAsync();
        await using var simulator = await SimulatorUnderTest.StartAsync(("Simulator:ReceiptConcurrency", $"{Connections}"));

        for (var n = 0; n < Messages; n++)
        {
            using var response = await simulator.PostAsync(("StatusCallback", receiver.UrlFor(MessageId)));
        }

        var received = new List<ReceivedReceipt>();
        while (received.Count < 2 * Messages)
        {
            received.Add(await receiver.NextAsync());
        }

        Assert.All(
            received.GroupBy(receipt => receipt.Sid),
            pair => Assert.Equal(["sent", "delivered"], pair.Select(receipt => receipt.Status)));
        Assert.All(received, receipt => Assert.True(receipt.SignatureIsRight));
        Assert.InRange(received.Select(receipt => receipt.ConnectionId).Distinct().Count(), 1, Connections);
    }

    /// <summary>Polls until no message waits for receipts; the receiver sees a receipt shortly before the simulator counts it.</summary>
    private static async Task DrainAsync(SimulatorUnderTest simulator)
    {
        using var late = new CancellationTokenSource(TimeSpan.FromSeconds(10));
        while ((await ReceiptStatsAsync(simulator)).GetProperty("pendingMessages").GetInt32() > 0)
        {
            late.Token.ThrowIfCancellationRequested();
        }
    }

    private static async Task<JsonElement> ReceiptStatsAsync(SimulatorUnderTest simulator) =>
        (await simulator.StatsAsync()).GetProperty("receipts");
}
