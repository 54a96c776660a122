using SmsGateway.Core.Messages;
using SmsGateway.ProviderSimulator.Control;

namespace SmsGateway.Tests.EndToEnd.Chaos;

/// <summary>The report notices each thing that must not be, and nothing where all is well.</summary>
public sealed class ChaosReportUnitTests
{
    private const long UserId = 7;
    private const long CreditUnits = 10_000;
    private const long CostUnits = 1_000;

    private static readonly DateTimeOffset Start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly SentMessage Good = new(Guid.CreateVersion7(), UserId, "good", CostUnits, IsRefused: false, Start);
    private static readonly SentMessage Refused = new(Guid.CreateVersion7(), UserId, "refused", CostUnits, IsRefused: true, Start);
    private static readonly SentMessage Late = Good with { Id = Guid.CreateVersion7(), RequestedAt = Start.AddMinutes(1) };

    private static readonly StoredMessage GoodRow = Row(Good, MessageState.Delivered);
    private static readonly StoredMessage RefusedRow = Row(Refused, MessageState.Failed);

    [Fact]
    public void Nothing_is_wrong_where_all_records_agree() => Assert.Equal(0, Report([GoodRow, RefusedRow], [Good.Id]).Violations);

    [Fact]
    public void Message_without_a_row_is_lost()
    {
        var report = Report([RefusedRow], []);
        Assert.Equal((1, 0, 1), (report.Lost, report.LostWithRedis, report.Violations));
    }

    [Fact]
    public void Message_that_redis_alone_had_when_it_lost_time_is_lost_with_redis_and_no_other()
    {
        var report = Report([], [], struck: [Struck(Harm.EmptyRedis, Start, onlyInRedis: [Good.Id])]);
        Assert.Equal((1, 1, 1), (report.Lost, report.LostWithRedis, report.Violations));
    }

    [Fact]
    public void Second_row_is_seen() => Assert.Equal(1, Report([GoodRow, GoodRow, RefusedRow], [Good.Id]).DuplicatedRows);

    [Fact]
    public void Second_send_is_seen() => Assert.Equal((1, 1L), Seen(Report([GoodRow, RefusedRow], [Good.Id, Good.Id]), report => report.DuplicatedSends));

    [Fact]
    public void Message_that_the_provider_never_took_is_seen() =>
        Assert.Equal((1, 1L), Seen(Report([GoodRow, RefusedRow], []), report => report.Unsent));

    [Fact]
    public void Row_that_nobody_was_answered_for_is_seen() =>
        Assert.Equal(1, Report([GoodRow, RefusedRow, GoodRow with { Id = Guid.CreateVersion7(), State = MessageState.Failed }], [Good.Id]).Violations);

    [Fact]
    public void Row_of_another_cost_than_was_answered_is_seen() =>
        Assert.Equal(1, Report([GoodRow with { CostUnits = 2 * CostUnits }, RefusedRow], [Good.Id]).Violations);

    [Fact]
    public void Row_that_ended_otherwise_is_seen() =>
        Assert.Equal(1, Report([GoodRow, RefusedRow with { State = MessageState.Delivered }], [Good.Id]).Violations);

    [Theory]
    [InlineData(0)]
    [InlineData(2)]
    public void Ledger_with_a_refund_too_few_or_too_many_is_seen(long refunds) =>
        Assert.Equal(1, Report([GoodRow, RefusedRow], [Good.Id], refunds: refunds).Violations);

    [Theory]
    [InlineData(CreditUnits - CostUnits, 0)]
    [InlineData(CreditUnits - (2 * CostUnits), -CostUnits)]
    [InlineData(CreditUnits, CostUnits)]
    public void Refund_that_was_not_made_and_one_too_many_are_drift(long balance, long drift)
    {
        long left = Records([GoodRow, RefusedRow], [Good.Id]).LeftOf(UserId, CreditUnits);
        var report = Report([GoodRow, RefusedRow], [Good.Id], drift: balance - left);
        Assert.Equal((Math.Abs(drift), Math.Abs(drift)), (report.Drift, report.Violations));
    }

    [Theory]
    [InlineData(5, 0)]
    [InlineData(6, 1)]
    public void Kill_after_which_messages_flow_too_late_is_slow(int seconds, int slow)
    {
        var killed = Struck(Harm.Kill, Late.RequestedAt.AddSeconds(-seconds));
        var after = Late with { Id = Guid.CreateVersion7(), RequestedAt = Late.RequestedAt.AddMinutes(1) };
        var report = Report(
            [GoodRow, RefusedRow, Row(Late, MessageState.Delivered), Row(after, MessageState.Delivered)], [Good.Id, Late.Id, after.Id], struck: [killed],
            more: [Late, after]);
        Assert.Equal(slow, report.SlowRecoveries);
    }

    private static (int Count, long Violations) Seen(ChaosReport report, Func<ChaosReport, int> count) => (count(report), report.Violations);

    private static StoredMessage Row(SentMessage message, MessageState state) => new(message.Id, UserId, CostUnits, state, 1, null);

    private static StruckAt Struck(Harm harm, DateTimeOffset at, params Guid[] onlyInRedis) =>
        new(new(TimeSpan.Zero, harm, "redis", 0, TimeSpan.Zero), at, at, onlyInRedis.ToHashSet());

    private static Records Records(StoredMessage[] stored, Guid[] taken, SentMessage[]? more = null, long? refunds = null)
    {
        var accepted = new[] { Good, Refused }.Concat(more ?? []).ToDictionary(message => message.Id);
        var posts = taken.Select((id, number) => new MessageView(
            number, $"SM{number}", "+491701234567", null, id, 1, accepted.TryGetValue(id, out var message) ? message.RequestedAt : Start));
        return new(accepted, stored, posts.ToLookup(post => post.ClientMessageId!.Value), refunds ?? stored.Count(message => message.State.IsRefunded()), [MessageState.Delivered]);
    }

    private static ChaosReport Report(
        StoredMessage[] stored, Guid[] taken, long drift = 0, StruckAt[]? struck = null, SentMessage[]? more = null, long? refunds = null) =>
        new(ChaosPlan.Of(1, TimeSpan.FromSeconds(20), 200), struck ?? [], Records(stored, taken, more, refunds), "traffic", new Dictionary<long, long> { [UserId] = drift }, TimeSpan.Zero);
}
