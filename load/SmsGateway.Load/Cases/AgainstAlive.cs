using SmsGateway.Load.Generators;
using SmsGateway.Load.Stack;

namespace SmsGateway.Load.Cases;

/// <summary>Sends and <c>/alive</c> by turns, so that both meet the machine in the same mood.</summary>
internal static class AgainstAlive
{
    private const int Connections = 1000;
    private const int Accounts = 10;
    private const int Turns = 4;

    public static async Task<(WrkResult Send, WrkResult Alive)> MeasureAsync(
        BenchRun run, BenchStack stack, Uri server, CancellationToken cancellationToken)
    {
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
            lived.Add(await wrk.GetAsync(alive, run.Part(0.5 / Turns), cancellationToken));
            sent.Add(await wrk.SendAsync(send, accounts, run.Part(1.0 / Turns), cancellationToken));
            BenchRun.Say($"{sent[^1].Rate:#,0} accepted a second, {lived[^1].Rate:#,0} of /alive");
        }

        return (Sum(sent), Sum(lived));
    }

    /// <summary>Counts are added; of latencies the worst turn counts.</summary>
    private static WrkResult Sum(List<WrkResult> turns) => new(
        turns.Sum(turn => turn.Requests), turns.Sum(turn => turn.Microseconds), turns.Sum(turn => turn.Refused), turns.Sum(turn => turn.Broken),
        turns.Max(turn => turn.P50), turns.Max(turn => turn.P95), turns.Max(turn => turn.P99));
}
