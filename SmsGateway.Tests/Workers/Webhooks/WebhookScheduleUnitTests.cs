using Microsoft.Extensions.Options;

using SmsGateway.Core.Messages;
using SmsGateway.Tests.Fixtures;
using SmsGateway.Workers.Webhooks;

namespace SmsGateway.Tests.Workers.Webhooks;

public sealed class WebhookScheduleUnitTests
{
    private readonly TestClock _clock = new();
    private readonly WebhookSchedule _schedule;

    public WebhookScheduleUnitTests() => _schedule = new(Options.Create(new WebhookOptions()), _clock, new Random(1));

    [Fact]
    public void Judge_failures_without_end_are_spread_over_two_days_and_then_given_up()
    {
        var what = Event(TestClock.Start.AddDays(2));
        WebhookVerdict verdict;
        while ((verdict = _schedule.Judge(what, new(WebhookAnswerKind.Failed, "http_500"))).Result is null)
        {
            Assert.True(verdict.At > _clock.GetUtcNow());
            _clock.Advance(verdict.At - _clock.GetUtcNow());
            what = what with { Attempts = (short)(what.Attempts + 1) };
        }

        Assert.Equal(("given_up", "http_500"), (verdict.Result, verdict.Error));
        Assert.InRange(what.Attempts, 10, 20);
        Assert.InRange(_clock.GetUtcNow() - TestClock.Start, TimeSpan.FromHours(36), TimeSpan.FromDays(2));
    }

    [Fact]
    public void Judge_first_failure_is_soon_repeated_with_jitter()
    {
        var waits = Enumerable.Range(0, 100).Select(_ => Wait(Event(TestClock.Start.AddDays(2)), new(WebhookAnswerKind.Failed, "timeout"))).ToList();

        Assert.All(waits, wait => Assert.InRange(wait, TimeSpan.FromSeconds(3.75), TimeSpan.FromSeconds(6.25)));
        Assert.True(waits.Distinct().Count() > 50);
    }

    [Theory]
    [InlineData(90, 90)]
    [InlineData(-5, 3.75)]
    [InlineData(1_000_000, 28_800)]
    public void Judge_time_that_the_receiver_asks_for_is_waited_up_to_the_longest_wait(int asked, double atLeast)
    {
        var wait = Wait(Event(TestClock.Start.AddDays(2)), new(WebhookAnswerKind.Failed, "http_429", TimeSpan.FromSeconds(asked)));

        Assert.InRange(wait.TotalSeconds, atLeast, Math.Max(atLeast, 6.25));
    }

    [Theory]
    [InlineData(WebhookAnswerKind.Delivered, "delivered")]
    [InlineData(WebhookAnswerKind.Gone, "gone")]
    [InlineData(WebhookAnswerKind.Refused, "refused")]
    internal void Judge_answers_that_end_an_event(WebhookAnswerKind answer, string result) =>
        Assert.Equal(result, _schedule.Judge(Event(TestClock.Start.AddDays(2)), new(answer)).Result);

    private TimeSpan Wait(WebhookEvent what, WebhookAnswer answer) => _schedule.Judge(what, answer).At - _clock.GetUtcNow();

    private static WebhookEvent Event(DateTimeOffset expiresAt)
    {
        var smsId = MessageId.New(TestClock.Start);
        return new()
        {
            SmsId = smsId, State = MessageState.Sent, Lane = new(1, 0), Attempts = 1, ExpiresAt = expiresAt, HappenedAt = TestClock.Start,
            Url = "https://example.org/", Secrets = [], Data = null!,
        };
    }
}
