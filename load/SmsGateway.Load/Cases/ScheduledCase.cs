using System.Collections.Concurrent;

using SmsGateway.Core.Credits;
using SmsGateway.Load.Results;
using SmsGateway.Load.Stack;

namespace SmsGateway.Load.Cases;

/// <summary>Messages scheduled for one minute, evenly: how much later than their time does the provider get them?</summary>
internal sealed class ScheduledCase : IBenchCase
{
    private const int PerMinute = 100_000;
    private const int Accounts = 10;
    private const int Pipelining = 256;
    private const double MostLateP99 = 1_000;

    /// <summary>Time to store what waits, before the first is due.</summary>
    private static readonly TimeSpan Lead = TimeSpan.FromSeconds(60);

    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(5);

    public string Name => "scheduled";

    public string What => $"{PerMinute:#,0} messages due in a minute: by how much the provider gets them late";

    public TimeSpan Duration => TimeSpan.FromMinutes(1);

    public async Task<IReadOnlyList<Measurement>> RunAsync(BenchRun run, CancellationToken cancellationToken)
    {
        int count = (int)(PerMinute * run.Duration.TotalMinutes);
        await using var stack = await BenchStack.StartAsync(WholePath.Settings, cancellationToken);
        var accounts = await stack.NewAccountsAsync(Accounts, cancellationToken);
        var loader = new BalanceLoader(stack.Redis, stack.Database, stack.Shards);
        foreach (var account in accounts)
        {
            await loader.LoadAsync(account.UserId, cancellationToken);
        }

        BenchRun.Say($"scheduling {count:#,0} messages");
        var start = TimeProvider.System.GetUtcNow() + Lead;
        var due = new ConcurrentDictionary<Guid, DateTimeOffset>();
        await new ScriptFeeder(stack).FeedAsync(
            number =>
            {
                // Whole milliseconds, as clients give them.
                var at = start + TimeSpan.FromMilliseconds((long)(run.Duration.TotalMilliseconds * number / count));
                var message = ScriptFeeder.NewMessage(accounts[number % Accounts].UserId) with { ScheduledAt = at, ValidUntil = at.AddDays(1) };
                due[message.Id] = at;
                return message;
            },
            count,
            Pipelining);

        long waiting = 0;
        await BenchStack.UntilAsync(
            Lead,
            async () => (waiting = await stack.Redis.GetDatabase().SortedSetLengthAsync(stack.Keys.Scheduled)) == count ? "" : $"{count - waiting} to be stored",
            cancellationToken);
        if (TimeProvider.System.GetUtcNow() >= start)
        {
            throw new BenchException("this machine takes too long to store what is scheduled: the first was due before the last was stored");
        }

        BenchRun.Say("all stored; waiting for their time");
        await Task.Delay(start + run.Duration - TimeProvider.System.GetUtcNow(), cancellationToken);
        await BenchStack.UntilAsync(
            Limit,
            async () => await stack.Redis.GetDatabase().HashLengthAsync(stack.Keys.Messages) is var left and > 0 ? $"{left} to be sent" : "",
            cancellationToken);
        await new Backlog(stack.Database).SettleAsync(count, cancellationToken);

        var record = await ProviderRecord.ReadAsync(stack, cancellationToken);
        var late = record.LatenessOf(due);
        return
        [
            new Measurement("late p99", late.At(99), "ms", Direction.Lower).MustReach(MostLateP99),
            new Measurement("late p50", late.At(50), "ms", Direction.Lower),
            new Measurement("late at most", late.At(100), "ms", Direction.Lower),
            new Measurement("sent", record.Count, "messages").MustReach(count),
            new Measurement("sent before their time", late.Early, "messages", Direction.Lower).MustReach(0),
            new Measurement("sent twice", record.Doubled, "messages", Direction.Lower).MustReach(0),
        ];
    }
}
