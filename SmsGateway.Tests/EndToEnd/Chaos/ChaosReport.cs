using System.Globalization;
using System.Text;
using System.Text.Json;

using SmsGateway.Core.Messages;

namespace SmsGateway.Tests.EndToEnd.Chaos;

/// <summary>What three independent records say after a run: the customers' own, PostgreSQL with Redis, and the provider's.</summary>
internal sealed class ChaosReport
{
    private readonly ChaosPlan _plan;
    private readonly IReadOnlyList<StruckAt> _struck;
    private readonly Records _records;
    private readonly string _traffic;
    private readonly IReadOnlyDictionary<long, long> _drifts;
    private readonly Dictionary<StruckAt, TimeSpan?> _flowsAgain;

    public ChaosReport(
        ChaosPlan plan, IReadOnlyList<StruckAt> struck, Records records, string traffic, IReadOnlyDictionary<long, long> drifts, TimeSpan settledAfter)
    {
        _plan = plan;
        _struck = struck;
        _records = records;
        _traffic = traffic;
        _drifts = drifts;
        _flowsAgain = struck.ToDictionary(one => one, one => records.FlowsAfter(FlowsSince(one)));
        SettledAfter = settledAfter;
        var lost = records.Missing;
        LostWithRedis = lost.Count(id => struck.Any(one => one.OnlyInRedis.Contains(id)));
        Lost = lost.Count - LostWithRedis;
    }

    /// <summary>Answered with 202, and gone without a Redis that had lost time: must be 0.</summary>
    public int Lost { get; }

    /// <summary>Answered with 202, and held by Redis alone when it lost time; gone together with their charge.</summary>
    public int LostWithRedis { get; }

    public int DuplicatedRows => _records.DuplicatedRows;

    public int DuplicatedSends => _records.DuplicatedSends;

    /// <summary>Stored, not refused by the provider, and not known to it.</summary>
    public int Unsent => _records.Unsent;

    /// <summary>Sum of what balances differ from the customers' own bookkeeping, in minor units.</summary>
    public long Drift => _drifts.Values.Sum(Math.Abs);

    /// <summary>Single kills after which messages did not flow again in time.</summary>
    public int SlowRecoveries => _struck.Count(IsSlow);

    private TimeSpan SettledAfter { get; }

    /// <summary>What must not be, however slow the machine is.</summary>
    public long Violations => Lost + DuplicatedRows + DuplicatedSends + Unsent + _records.StoredOtherwise + _records.EndedOtherwise + _records.RefundedOtherwise + Drift;

    public override string ToString()
    {
        var text = new StringBuilder();
        foreach (var struck in _struck)
        {
            text.AppendLine(CultureInfo.InvariantCulture,
                $"{struck.Begun:HH:mm:ss.f}  {struck.Strike,-20} mended after {Seconds(struck.Mended - struck.Begun),6} s, flows again after {Seconds(FlowsAgain(struck)),6} s{(IsSlow(struck) ? " TOO SLOW" : "")}");
        }

        text.AppendLine(CultureInfo.InvariantCulture, $"{_traffic}; settled {Seconds(SettledAfter)} s after the last");
        foreach (var (name, value) in Counts())
        {
            text.AppendLine(CultureInfo.InvariantCulture, $"{name,-20} {value,10}");
        }

        foreach (var (account, drift) in _drifts)
        {
            text.AppendLine(CultureInfo.InvariantCulture, $"{$"drift of account {account}",-20} {drift,10}");
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
        ("accepted", _records.Accepted.Count),
        ("stored", _records.Stored.Count),
        ("sent", _records.Stored.Count(message => _records.AtProvider.Contains(message.Id))),
        ("delivered", _records.Stored.Count(message => message.State == MessageState.Delivered)),
        ("failed", _records.Stored.Count(message => message.State == MessageState.Failed)),
        ("refunded", _records.Refunds),
        ("lost", Lost),
        ("lost with redis", LostWithRedis),
        ("duplicated rows", DuplicatedRows),
        ("duplicated sends", DuplicatedSends),
        ("unsent", Unsent),
        ("stored otherwise", _records.StoredOtherwise),
        ("ended otherwise", _records.EndedOtherwise),
        ("refunded otherwise", _records.RefundedOtherwise),
        ("drift", Drift),
        ("slow recoveries", SlowRecoveries),
    ];

    /// <summary>
    /// How long it took until a message went its whole way that was asked for after the harm: counted from the harm where a replica was left, else
    /// from when it was mended: how long a process takes to start on a machine that is full is no matter of the gateway. Null where none did before the end.
    /// </summary>
    private TimeSpan? FlowsAgain(StruckAt struck) => _flowsAgain[struck];

    private static DateTimeOffset FlowsSince(StruckAt struck) => struck.Strike.IsOfReplica ? struck.Begun : struck.Mended;

    /// <summary>
    /// Whether messages did not flow again in time after a single kill. It is judged where nothing else is to blame: messages flowed when it was done, and
    /// no other harm, nor the end, came too soon after it.
    /// </summary>
    private bool IsSlow(StruckAt struck)
    {
        var judged = FlowsSince(struck) + Records.FlowLimit;
        return struck.Strike.Harm == Harm.Kill
            && !(FlowsAgain(struck) <= Records.FlowLimit)
            && !_struck.Any(other => other.Begun > struck.Begun && other.Begun < judged)
            && !_struck.Any(other => other.Begun < struck.Begun && !(FlowsSince(other) + FlowsAgain(other) < struck.Begun))
            && judged < _records.Accepted.Values.Max(message => message.RequestedAt);
    }

    private static string Seconds(TimeSpan? time) => time?.TotalSeconds.ToString("0.0", CultureInfo.InvariantCulture) ?? "-";
}
