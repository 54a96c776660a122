using SmsGateway.Load.Generators;
using SmsGateway.Load.Results;
using SmsGateway.Load.Stack;

namespace SmsGateway.Load.Cases;

/// <summary>Kannel beside ours, by the same load tool in the same run: it accepts without a charge, an idempotency record or a row in a database.</summary>
internal sealed class PeersCase : IBenchCase
{
    private const int Connections = 1000;
    private const int Accounts = 10;
    private const double LeastPartOfKannel = 1.5;

    private static readonly string[] Stores = ["none", "file", "spool"];

    public string Name => "peers";

    public string What => "sends to one API process and through Nginx, 1,000 connections; limit: Kannel's sendsms";

    public TimeSpan Duration => TimeSpan.FromSeconds(20);

    public async Task<IReadOnlyList<Measurement>> RunAsync(BenchRun run, CancellationToken cancellationToken)
    {
        var wrk = new Wrk(run, Connections);
        var kannel = new Dictionary<string, WrkResult>();
        foreach (string store in Stores)
        {
            await using var peer = await Kannel.StartAsync(store, cancellationToken);
            await wrk.GetAsync(peer.SendUrl, run.Part(0.1), cancellationToken);
            kannel[store] = await wrk.GetAsync(peer.SendUrl, run.Part(0.5), cancellationToken);
            BenchRun.Say($"{kannel[store].Rate:#,0} accepted a second by Kannel with store {store}");
        }

        var (direct, edge) = await OursAsync(run, wrk, cancellationToken);
        double bare = kannel["none"].Rate;
        return
        [
            new Measurement("accepted by one API process", direct.Rate, "/s").Against("/s of Kannel", bare, LeastPartOfKannel),
            new Measurement("accepted through Nginx", edge.Rate, "/s").Against("/s of Kannel", bare, 1),
            .. Stores.Select(store => new Measurement($"accepted by Kannel, store {store}", kannel[store].Rate, "/s")),
            new Measurement("latency p95, one API process", direct.P95 / 1e3, "ms", Direction.Lower),
            new Measurement("latency p95, through Nginx", edge.P95 / 1e3, "ms", Direction.Lower),
            new Measurement("latency p95, Kannel", kannel["none"].P95 / 1e3, "ms", Direction.Lower),
            new Measurement("refused or broken", 100 * (direct.Failed + edge.Failed), "%", Direction.Lower).MustReach(0),
        ];
    }

    private static async Task<(WrkResult Direct, WrkResult Edge)> OursAsync(BenchRun run, Wrk wrk, CancellationToken cancellationToken)
    {
        await using var stack = await BenchStack.StartAsync(
            ["--Api:Replicas=2", "--Workers:Replicas=1", "--ServiceEnvironment:Providers__0__MessagesPerSecond=10"], cancellationToken);
        var accounts = await stack.NewAccountsAsync(Accounts, cancellationToken);
        var (api, edge) = (new Uri(stack.Api, "/api/sms/send/"), new Uri(stack.Edge, "/api/sms/send/"));
        await wrk.SendAsync(api, accounts, run.Part(0.25), cancellationToken);
        var direct = await wrk.SendAsync(api, accounts, run.Part(0.5), cancellationToken);
        await wrk.SendAsync(edge, accounts, run.Part(0.25), cancellationToken);
        return (direct, await wrk.SendAsync(edge, accounts, run.Part(0.5), cancellationToken));
    }
}
