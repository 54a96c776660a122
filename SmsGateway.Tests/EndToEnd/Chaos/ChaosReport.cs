using System.Globalization;
using System.Text;
using System.Text.Json;

using SmsGateway.Core.Messages;

namespace SmsGateway.Tests.EndToEnd.Chaos;

/// <summary>What three independent records say after a run: the customers' own, PostgreSQL with Redis, and the provider's.</summary>
internal sealed class ChaosReport
{
    /// <summary>An answer may come this much later than what it answers was done.</summary>
    private static readonly TimeSpan AnswerLag = TimeSpan.FromSeconds(5);

    private readonly ChaosPlan _plan;
    private readonly IReadOnlyList<StruckAt> _struck;
    private readonly Traffic _traffic;
    private readonly Settlement _settlement;
    private readonly Dictionary<Guid, SentMessage> _lost;

    public ChaosReport(ChaosPlan plan, IReadOnlyList<StruckAt> struck, Traffic traffic, Settlement settlement, long drift, TimeSpan settledAfter)
    {
        _plan = plan;
        _struck = struck;
        _traffic = traffic;
        _settlement = settlement;
        Drift = drift;
        SettledAfter = settledAfter;
        _lost = settlement.Missing.ToDictionary(id => id, id => traffic.Accepted[id]);
    }

    /// <summary>Answered with 202, and gone without a Redis that had lost time: must be 0.</summary>
    public int Lost => _lost.Count - LostWithRedis;

    /// <summary>Answered with 202 before a Redis lost time that alone had them; gone together with their charge.</summary>
    public int LostWithRedis => _lost.Values.Count(message =>
        _struck.Any(struck => struck.Strike.Loses && message.AcceptedAt < struck.Mended + AnswerLag));

    public int DuplicatedRows => _settlement.DuplicatedRows;

    public int DuplicatedSends => _settlement.DuplicatedSends;

    /// <summary>Stored, not refused by the provider, and not known to it.</summary>
    public int Unsent => _settlement.Unsent;

    /// <summary>Sum of what balances differ from the customers' own bookkeeping, in minor units.</summary>
    public long Drift { get; }

    private TimeSpan SettledAfter { get; }

    /// <summary>What must not be.</summary>
    public long Violations => Lost + DuplicatedRows + DuplicatedSends + Unsent + Drift;

    public override string ToString()
    {
        var text = new StringBuilder();
        foreach (var struck in _struck)
        {
            text.AppendLine(CultureInfo.InvariantCulture,
                $"{struck.Begun:HH:mm:ss.f}  {struck.Strike,-20} mended after {Seconds(struck.Mended - struck.Begun),6} s, flows again after {FlowsAgain(struck),6} s");
        }

        text.AppendLine(CultureInfo.InvariantCulture, $"{_traffic}; settled {Seconds(SettledAfter)} s after the last");
        foreach (var (name, value) in Counts())
        {
            text.AppendLine(CultureInfo.InvariantCulture, $"{name,-20} {value,10}");
        }

        return text.ToString();
    }

    /// <summary>One line of JSON.</summary>
    public string ToJson()
    {
        var line = new Dictionary<string, object>
        {
            ["case"] = "chaos",
            ["value"] = Violations,
            ["unit"] = "violations",
            ["limit"] = 0,
            ["ratio"] = Violations,
            ["seed"] = _plan.Seed,
            ["seconds"] = _plan.Duration.TotalSeconds,
            ["rate"] = _plan.Rate,
            ["strikes"] = _struck.Count,
        };
        foreach (var (name, value) in Counts())
        {
            line[name.Replace(' ', '_')] = value;
        }

        return JsonSerializer.Serialize(line);
    }

    private IEnumerable<(string Name, long Value)> Counts() =>
    [
        ("accepted", _traffic.Accepted.Count),
        ("stored", _settlement.Stored.Count),
        ("sent", _settlement.Stored.Count(message => _settlement.AtProvider.Contains(message.Id))),
        ("delivered", _settlement.Stored.Count(message => message.State == MessageState.Delivered)),
        ("failed", _settlement.Stored.Count(message => message.State == MessageState.Failed)),
        ("refunded", _settlement.Stored.Count(message => message.State.IsRefunded())),
        ("lost", Lost),
        ("lost with redis", LostWithRedis),
        ("duplicated rows", DuplicatedRows),
        ("duplicated sends", DuplicatedSends),
        ("unsent", Unsent),
        ("drift", Drift),
    ];

    /// <summary>How long after a harm began the provider got the first message that was accepted after that.</summary>
    private string FlowsAgain(StruckAt struck)
    {
        var first = _settlement.AtProvider
            .Where(posts => _traffic.Accepted.TryGetValue(posts.Key, out var message) && message.AcceptedAt > struck.Begun)
            .Select(posts => posts.Min(post => post.AcceptedAt) - struck.Begun)
            .DefaultIfEmpty(TimeSpan.MaxValue)
            .Min();
        return first == TimeSpan.MaxValue ? "-" : Seconds(first);
    }

    private static string Seconds(TimeSpan time) => time.TotalSeconds.ToString("0.0", CultureInfo.InvariantCulture);
}
