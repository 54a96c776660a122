using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using SmsGateway.ProviderSimulator;
using SmsGateway.ProviderSimulator.Control;
using SmsGateway.ProviderSimulator.Faults;
using SmsGateway.ProviderSimulator.Messages;
using SmsGateway.ProviderSimulator.Receipts;

namespace SmsGateway.Tests.ProviderSimulator;

public sealed class SimulatorUnitTests
{
    /// <summary>The examples of Twilio's security page and of its SDKs' tests.</summary>
    [Theory]
    [InlineData("+12349013030", "0/KCTR6DLpKmkAf8muzZqo1nDgQ=")]
    [InlineData("+14158675309", "RSOYDt4T1cUTdK1PDd93/VVr8B8=")]
    public void Sign_documented_request_gives_the_documented_signature(string caller, string expected) =>
        Assert.Equal(expected, new TwilioSignature("12345").Sign(
            "https://mycompany.com/myapp.php?foo=1&bar=2",
            [("CallSid", "CA1234567890ABCDE"), ("Caller", caller), ("Digits", "1234"), ("From", caller), ("To", "+18005551212")]));

    [Theory]
    [InlineData('a', 160, 1)]
    [InlineData('a', 161, 2)]
    [InlineData('a', 306, 2)]
    [InlineData('a', 307, 3)]
    [InlineData('€', 80, 1)]
    [InlineData('€', 81, 2)]
    [InlineData('ц', 70, 1)]
    [InlineData('ц', 71, 2)]
    [InlineData('ц', 134, 2)]
    [InlineData('ц', 135, 3)]
    public void Count_body_of_one_letter_gives_its_segments(char letter, int length, int segments) =>
        Assert.Equal(segments, Segments.Count(new string(letter, length)));

    [Theory]
    [InlineData("http://h/r/0193e1a0-1111-7222-8333-444455556666", true)]
    [InlineData("http://h/r/0193e1a0111172228333444455556666?x=1", true)]
    [InlineData("http://h/r?id=0193e1a0-1111-7222-8333-444455556666&s=ab", true)]
    [InlineData("http://h/r/f0193e1a0111172228333444455556666", false)]
    [InlineData("http://h/r", false)]
    public void Find_url_with_or_without_uuid_gives_it_or_nothing(string url, bool has) =>
        Assert.Equal(has ? Guid.Parse("0193e1a0-1111-7222-8333-444455556666") : null, ClientMessageId.Find(url));

    [Fact]
    public void TryParse_sid_written_by_ToString_gives_it_back()
    {
        var sid = new MessageSid(0xfedc_ba98_7654_3210, 1_999_999);

        Assert.True(MessageSid.TryParse(sid.ToString(), out var read));
        Assert.Equal(sid, read);
        Assert.False(MessageSid.TryParse("SM123", out _));
    }

    [Fact]
    public void Draw_same_seed_draws_the_same_whatever_the_recipients()
    {
        var shares = new FaultOptions { Seed = 42, LatencyMax = TimeSpan.FromSeconds(1), Answers = new() { HangAfterAccept = 0.5 } };
        FaultPlan one = new(shares), other = new(shares);

        for (var n = 0; n < 1_000; n++)
        {
            // Every third recipient of the second run has a rule of its own, which must not shift the draws of the rest.
            var ruled = n % 3 == 0;
            var (first, second) = (one.Draw("+4915112345678"), other.Draw(ruled ? "+9992070001" : "+4915112345678"));
            Assert.Equal(first.Latency, second.Latency);
            Assert.True(ruled || first == second);
        }
    }

    [Fact]
    public void Draw_many_messages_meets_faults_in_their_shares()
    {
        const int Draws = 100_000;
        var plan = new FaultPlan(new FaultOptions
        {
            Answers = new() { TooManyRequests = 0.1, WrongJson = 0.2 },
            Receipts = new() { Failed = 0.1, Undelivered = 0.3, Lost = 0.25, OutOfOrder = 0.05 },
        });

        var fates = Enumerable.Range(0, Draws).Select(_ => plan.Draw("+4915112345678")).ToArray();

        AssertShare(0.1, fate => fate.Answer == AnswerFault.TooManyRequests);
        AssertShare(0.2, fate => fate.Answer == AnswerFault.WrongJson);
        AssertShare(0.7, fate => fate.Answer == AnswerFault.None);
        AssertShare(0.1, fate => fate.Receipts.HasFlag(ReceiptFaults.Failed));
        AssertShare(0.3, fate => fate.Receipts.HasFlag(ReceiptFaults.Undelivered));
        AssertShare(0.25, fate => fate.Receipts.HasFlag(ReceiptFaults.SentLost));
        AssertShare(0.25, fate => fate.Receipts.HasFlag(ReceiptFaults.FinalLost));
        AssertShare(0.05, fate => fate.Receipts.HasFlag(ReceiptFaults.FinalFirst));

        void AssertShare(double share, Func<Fate, bool> met) => Assert.Equal(share, fates.Count(met) / (double)Draws, 0.01);
    }

    [Fact]
    public void Accept_full_log_overwrites_the_oldest_and_forgets_its_token()
    {
        var options = Options.Create(new SimulatorOptions { MessageLogCapacity = 2 });
        using var journal = new MessageJournal(options);
        var log = new MessageLog(options, journal, TimeProvider.System);

        Assert.False(Accept(log, "a", out var a));
        Assert.False(Accept(log, "b", out var b));
        Assert.True(Accept(log, "a", out var repeated));
        Assert.False(Accept(log, "c", out _));

        Assert.Equal(a, repeated);
        Assert.False(log.TryFind(new MessageSid(log.Run, a), out _));
        Assert.True(log.TryFind(new MessageSid(log.Run, b), out _));
        Assert.False(Accept(log, "a", out _));
    }

    [Fact]
    public void Add_full_queue_drops_the_receipts_and_counts_them()
    {
        using var services = new ServiceCollection().AddMetrics().BuildServiceProvider();
        var stats = new SimulatorStats(services.GetRequiredService<IMeterFactory>());
        var queue = new ReceiptQueue(Options.Create(new SimulatorOptions { ReceiptQueueCapacity = 1 }), stats, TimeProvider.System);

        queue.Add(Job());
        queue.Add(Job());
        Assert.Equal((1, 2), (queue.Held, stats[ReceiptResult.Dropped]));

        Assert.True(queue.TryTakeDue(long.MaxValue, out _));
        queue.Add(Job());
        Assert.Equal((1, 4), (queue.Held, stats[ReceiptResult.Dropped]));

        queue.Finish();
        queue.Add(Job());
        Assert.Equal((1, 4), (queue.Held, stats[ReceiptResult.Dropped]));
    }

    [Fact]
    public void TryCount_at_the_limit_refuses_until_the_next_second()
    {
        var meter = new SecondMeter();

        Assert.True(meter.TryCount(second: 1, limit: 2));
        Assert.True(meter.TryCount(second: 1, limit: 2));
        Assert.False(meter.TryCount(second: 1, limit: 2));
        Assert.True(meter.TryCount(second: 2, limit: 2));
        Assert.Equal(2, meter.Peak);
    }

    private static MessageRequest Request => new("+4915112345678", "Acme", null, "Hello", new Uri("http://127.0.0.1:9/"), null);

    private static bool Accept(MessageLog log, string token, out long number)
    {
        var message = new MessageRecord
        {
            To = 4915112345678,
            Sender = "Acme",
            Token = IdempotencyToken.Parse(token),
            ClientMessageId = null,
            AcceptedUnixMs = 0,
            SentAfterMs = 0,
            FinalAfterMs = 0,
            Posts = 1,
            Segments = 1,
            Outcome = DeliveryOutcome.Delivered,
            FromMessagingService = false,
        };
        var known = log.Accept(ref message, Request, IdempotencyPolicy.Honoured);
        number = message.Number;
        return known;
    }

    private static ReceiptJob Job() => new(
        new MessageSid(1, 1),
        Request,
        default,
        DeliveryOutcome.Delivered,
        answeredAtMs: 0);
}
