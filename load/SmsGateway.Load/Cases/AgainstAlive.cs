using SmsGateway.Load.Generators;
using SmsGateway.Load.Results;
using SmsGateway.Load.Stack;

namespace SmsGateway.Load.Cases;

/// <summary>Sends and <c>/alive</c> by turns, so that both meet the machine in the same mood.</summary>
internal static class AgainstAlive
{
    private const int Connections = 1000;
    private const int Accounts = 10;
    private const int Turns = 4;
    private const double LeastPartOfAlive = 0.55;

    /// <param name="run">The run.</param>
    /// <param name="stack">The gateway.</param>
    /// <param name="server">Nginx, or an API process.</param>
    /// <param name="parts">The parts of the stack whose processor time is measured.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public static async Task<IReadOnlyList<Measurement>> MeasureAsync(
        BenchRun run, BenchStack stack, Uri server, IReadOnlyList<string> parts, CancellationToken cancellationToken)
    {
        var processor = await stack.WatchProcessorAsync(parts, cancellationToken);
        var sending = new UsedTime(parts);
        var living = new UsedTime(parts);
        var wrk = new Wrk(run, Connections);
        var accounts = await stack.NewAccountsAsync(Accounts, cancellationToken);
        var send = new Uri(server, "/api/sms/send/");
        var alive = new Uri(server, "/alive");

        BenchRun.Say("warming up");
        await wrk.SendAsync(send, accounts, run.Part(0.25), cancellationToken);
        await wrk.GetAsync(alive, run.Part(0.1), cancellationToken);

        var sent = new List<WrkResult>();
        var lived = new List<WrkResult>();
        for (int turn = 0; turn < Turns; turn++)
        {
            var start = processor.Read();
            lived.Add(await wrk.GetAsync(alive, run.Part(0.5 / Turns), cancellationToken));
            var middle = processor.Read();
            living.Add(start, middle);
            sent.Add(await wrk.SendAsync(send, accounts, run.Part(1.0 / Turns), cancellationToken));
            sending.Add(middle, processor.Read());
            BenchRun.Say($"{sent[^1].Rate:#,0} accepted a second, {lived[^1].Rate:#,0} of /alive");
        }

        var (sends, lives) = (Sum(sent), Sum(lived));
        return
        [
            new Measurement("accepted", sends.Rate, "/s").Against("/s of /alive", lives.Rate, LeastPartOfAlive),
            new Measurement("latency p50", sends.P50 / 1e3, "ms", Direction.Lower),
            new Measurement("latency p95", sends.P95 / 1e3, "ms", Direction.Lower),
            new Measurement("latency p99", sends.P99 / 1e3, "ms", Direction.Lower),
            new Measurement("refused or broken", 100 * sends.Failed, "%", Direction.Lower).MustReach(0),
            .. parts.Select(part => new Measurement(
                    $"processor time a message, {part}", sending.Of(part) / sends.Requests * 1e6, "µs", Direction.Lower)
                .Against("µs of /alive", living.Of(part) / lives.Requests * 1e6)),
        ];
    }

    /// <summary>Processor time over several turns.</summary>
    private sealed class UsedTime(IReadOnlyList<string> parts)
    {
        private readonly Dictionary<string, double> _seconds = parts.ToDictionary(part => part, _ => 0.0);

        public void Add(IReadOnlyDictionary<string, double> before, IReadOnlyDictionary<string, double> after)
        {
            foreach (var (part, seconds) in after)
            {
                _seconds[part] += seconds - before[part];
            }
        }

        public double Of(string part) => _seconds[part];
    }

    /// <summary>Counts are added; of latencies the worst turn counts.</summary>
    private static WrkResult Sum(List<WrkResult> turns) => new(
        turns.Sum(turn => turn.Requests), turns.Sum(turn => turn.Microseconds), turns.Sum(turn => turn.Refused), turns.Sum(turn => turn.Broken),
        turns.Max(turn => turn.P50), turns.Max(turn => turn.P95), turns.Max(turn => turn.P99));
}
