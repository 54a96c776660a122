using System.Globalization;

using Npgsql;

using SmsGateway.Core.Messages;
using SmsGateway.Core.Schema;
using SmsGateway.Tests.Core.Credits;
using SmsGateway.Tests.Fixtures;
using SmsGateway.Workers.Audit;
using SmsGateway.Workers.Claims;

using StackExchange.Redis;

using Xunit.Abstractions;

namespace SmsGateway.Tests.Workers.CrashSteps;

/// <summary>
/// A worker that dies, or is paused beyond its lease, at every one of its steps, one run for each: every script call and every statement of ingest,
/// dispatch, status flush and sync, also while a month ends whose next partition is not there. Another takes over; then nothing may be lost, doubled or charged wrongly.
/// </summary>
[Collection(InfrastructureCollection.Name)]
public sealed class CrashStepsIntegrationTests(Infrastructure infrastructure, ITestOutputHelper output) : IAsyncLifetime
{
    private const long Credit = 1_000_000;
    private const long Cost = 1_000;

    /// <summary>Far more steps than a worker's life has.</summary>
    private const int MostSteps = 100;

    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(20);

    private Stores _stores = null!;

    public async Task InitializeAsync()
    {
        _stores = await infrastructure.NewStoresAsync();
        await _stores.OpenEpochAsync();
    }

    public async Task DisposeAsync() => await _stores.DisposeAsync();

    [Theory]
    [InlineData(Interruption.BeforeStep, true, false)]
    [InlineData(Interruption.AfterStep, false, false)]
    [InlineData(Interruption.Pause, false, false)]
    [InlineData(Interruption.BeforeStep, true, true)]
    public async Task Worker_interrupted_at_any_step_loses_and_doubles_nothing(Interruption interruption, bool honoursKey, bool overAMonthsEnd)
    {
        int step = 1;
        while (await RunAsync(step, interruption, honoursKey, overAMonthsEnd))
        {
            step++;
            Assert.True(step < MostSteps, "a worker's life does not end");
        }

        output.WriteLine($"{step - 1} steps");
        // Fewer would mean that the wires are not where the steps are.
        Assert.True(step > 20, $"a worker's life has {step - 1} steps only");
    }

    /// <summary>False where the worker's life has fewer steps.</summary>
    private async Task<bool> RunAsync(int step, Interruption interruption, bool honoursKey, bool overAMonthsEnd)
    {
        var provider = new CountingProvider(honoursKey);
        if (overAMonthsEnd)
        {
            // Nobody has made the partition of the month that begins then.
            MoveClock(Partition.Holding(_stores.Clock.GetUtcNow(), PartitionInterval.Month).To.AddSeconds(-1));
        }

        var (user, messages, cancelled) = await AcceptAsync(between: overAMonthsEnd ? TimeSpan.FromSeconds(1) : TimeSpan.Zero);
        await using var wire = new BrokenWire(step, interruption);
        var clock = new TestClock();
        var identity = NewIdentity(clock);
        await using var behind = await JoinAsync(wire, identity);
        behind.Clock.Advance(_stores.Clock.GetUtcNow() - behind.Clock.GetUtcNow());
        var worker = new WorkerLife(behind, identity, provider, honoursKey);
        wire.Arm();
        var life = worker.LiveAsync();
        if (await Task.WhenAny(life, wire.Reached) == life && !wire.Reached.IsCompleted)
        {
            await life;
            return false;
        }

        if (interruption != Interruption.Pause)
        {
            await wire.DieAsync();
        }

        clock.Advance(WorkerIdentity.Lease);
        var heir = new WorkerLife(_stores, NewIdentity(_stores.Clock), provider, honoursKey);
        await heir.TakeOverAsync(identity).WaitAsync(Limit);

        // One that was paused wakes up; whatever it does then, or fails to do, must harm nothing.
        wire.GoOn();
        try
        {
            await life.WaitAsync(Limit);
        }
        catch (Exception end) when (end is RedisException or NpgsqlException or TimeoutException or IOException)
        {
            // The death of the worker, or the end that its heir has put to its sessions.
        }

        await heir.TakeOverAsync(identity).WaitAsync(Limit);
        await AssertAsync($"step {step}", user, messages, cancelled, provider, honoursKey);
        return true;
    }

    /// <summary>Some messages of an account of its own: in both lanes, one refused by the provider, one cancelled.</summary>
    private async Task<(long User, QueuedMessage[] Messages, QueuedMessage Cancelled)> AcceptAsync(TimeSpan between)
    {
        long user = await _stores.NewAccountAsync(Credit);
        QueuedMessage[] early = [_stores.NewMessage(user, Cost), _stores.NewMessage(user, Cost, Priority.Express)];
        _stores.Clock.Advance(between);
        QueuedMessage[] messages =
        [
            .. early,
            _stores.NewMessage(user, Cost) with { Recipient = CountingProvider.RefusedNumber },
            _stores.NewMessage(user, Cost),
        ];
        foreach (var message in messages)
        {
            await _stores.AcceptedAsync(message);
        }

        Assert.Equal(1, await _stores.CancelAsync(messages[^1]));
        return (user, messages, messages[^1]);
    }

    private void MoveClock(DateTimeOffset to) => _stores.Clock.Advance(to - _stores.Clock.GetUtcNow());

    private static WorkerIdentity NewIdentity(TestClock clock)
    {
        var identity = new WorkerIdentity(clock);
        identity.Renewed(clock.GetTimestamp());
        return identity;
    }

    private async Task<Stores> JoinAsync(BrokenWire wire, WorkerIdentity identity)
    {
        string redis = _stores.RedisAddress.Split(',')[0];
        int redisPort = int.Parse(redis[(redis.LastIndexOf(':') + 1)..], CultureInfo.InvariantCulture);
        // As a worker does, so that its heir can end its sessions.
        var database = new NpgsqlConnectionStringBuilder(_stores.ConnectionString) { Host = "127.0.0.1", ApplicationName = identity.Id };
        database.Port = wire.Lead(database.Port);
        var joined = await Stores.JoinAsync(
            _stores.RedisAddress.Replace(redis, $"127.0.0.1:{wire.Lead(redisPort)}", StringComparison.Ordinal), database.ConnectionString);
        // Connecting is no step: it is done before.
        Assert.Equal(1, await joined.ScalarAsync<int>("SELECT 1"));
        await joined.Redis.PingAsync();
        return joined;
    }

    private async Task AssertAsync(string when, long user, QueuedMessage[] messages, QueuedMessage cancelled, CountingProvider provider, bool honoursKey)
    {
        long spent = 0;
        foreach (var message in messages)
        {
            Assert.True(await _stores.ScalarAsync<long>("SELECT count(*) FROM sms_messages WHERE id = $1", message.Id) == 1, $"{when}: rows of {message.Id}");
            var state = await _stores.StateAsync(message.Id);
            string[] good = message == cancelled ? ["cancelled"]
                : [message.Recipient == CountingProvider.RefusedNumber ? "failed" : "sent", .. honoursKey ? Array.Empty<string>() : ["unknown"]];
            Assert.True(good.Contains(state), $"{when}: a message ends as {state}, not as {string.Join(" or ", good)}");
            int taken = provider.Taken(message.Id);
            Assert.True(taken <= 1, $"{when}: sent {taken} times");
            Assert.True(state != "sent" || taken == 1, $"{when}: {state}, but not sent");
            spent += state is "cancelled" or "failed" ? 0 : Cost;
        }

        Assert.True((Credit - spent, 0) == await _stores.MoneyAsync(user), $"{when}: {await _stores.MoneyAsync(user)} in Redis, {Credit - spent} expected");
        Assert.True(Credit - spent == await _stores.DatabaseBalanceAsync(user), $"{when}: the database balance");
        AuditLine[] lines =
        [
            .. await new MoneyAudit(_stores.Database, _stores.NewReconciliation()).RunAsync(default),
            .. await new MessageAudit(_stores.Connection, _stores.Database, _stores.Shards, TimeProvider.System).RunAsync(default),
        ];
        Assert.True(!lines.Any(line => line.IsViolation), $"{when}: {string.Join("; ", lines.Where(line => line.IsViolation))}");
        var keys = _stores.Keys;
        Assert.True(
            await _stores.Redis.HashLengthAsync(keys.IngestClaims) + await _stores.Redis.HashLengthAsync(keys.StatusClaims)
                + await _stores.Redis.HashLengthAsync(keys.Messages) + await _stores.Redis.HashLengthAsync(keys.BufferedCost) == 0,
            $"{when}: something is left in Redis");
    }
}
