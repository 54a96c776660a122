using Npgsql;

using SmsGateway.Core.Credits;
using SmsGateway.Core.Messages;
using SmsGateway.Load.Generators;
using SmsGateway.Load.Results;
using SmsGateway.Load.Stack;

namespace SmsGateway.Load.Cases;

/// <summary>How long an express message takes from the send to the provider while normal ones are piled up, against the same without them.</summary>
internal sealed class ExpressCase : IBenchCase
{
    private const int MessagesPerSecond = 25_000;
    private const int MostMessages = 1_000_000;
    private const int Rate = 50;
    private const int Connections = 32;
    private const int Accounts = 10;
    private const int Pipelining = 256;

    /// <summary>What the provider takes a second: less than there is, so that the pile stays.</summary>
    private const int ProviderRate = 1_000;

    private const double MostTimes = 2;

    private static readonly TimeSpan FillLimit = TimeSpan.FromMinutes(30);

    public string Name => "express";

    public string What => "an express message's way to the provider with 25,000 normal ones queued for each second (1,000,000); limit: with none queued";

    public TimeSpan Duration => TimeSpan.FromSeconds(40);

    public async Task<IReadOnlyList<Measurement>> RunAsync(BenchRun run, CancellationToken cancellationToken)
    {
        await using var stack = await BenchStack.StartAsync(
            ["--Api:Replicas=1", "--Workers:Replicas=1", $"--ServiceEnvironment:Providers__0__MessagesPerSecond={ProviderRate}"], cancellationToken);
        var accounts = await stack.NewAccountsAsync(Accounts + 1, cancellationToken);
        var loader = new BalanceLoader(stack.Redis, stack.Database, stack.Shards);
        foreach (var account in accounts)
        {
            await loader.LoadAsync(account.UserId, cancellationToken);
        }

        await SendAsync(run, "warm", stack, accounts[..1], run.Part(0.25), cancellationToken);
        var alone = await SendAsync(run, "alone", stack, accounts[..1], run.Part(0.5), cancellationToken);

        int pile = Math.Min(MostMessages, MessagesPerSecond * (int)run.Duration.TotalSeconds);
        BenchRun.Say($"queueing {pile:#,0} normal messages");
        await new ScriptFeeder(stack).FeedAsync(accounts[1..], pile, Pipelining);
        var redis = stack.Redis.GetDatabase();
        await BenchStack.UntilAsync(
            FillLimit,
            async () => await redis.HashLengthAsync(stack.Keys.BufferedCost) is var left and > 0 ? $"ingest of {left} accounts" : "",
            cancellationToken);
        var queued = await SendAsync(run, "queued", stack, accounts[..1], run.Part(0.5), cancellationToken);
        long waiting = await redis.HashLengthAsync(stack.Keys.Messages);
        return
        [
            new Measurement("express p99", queued.P99, "ms", Direction.Lower).Against("ms without a pile", alone.P99, MostTimes),
            new Measurement("express p50", queued.P50, "ms", Direction.Lower).Against("ms without a pile", alone.P50),
            new Measurement("normal messages that still waited", waiting, "messages"),
        ];
    }

    /// <summary>Sends express messages at a steady rate; returns how long they took to be sent, in milliseconds.</summary>
    private static async Task<(double P50, double P99)> SendAsync(
        BenchRun run, string part, BenchStack stack, IReadOnlyList<BenchAccount> accounts, TimeSpan duration, CancellationToken cancellationToken)
    {
        var from = MessageId.First(TimeProvider.System.GetUtcNow());
        var requests = new SendRequests(stack.Edge, accounts, run, "express", part);
        var loop = new OpenLoop(stack.Edge, Connections, requests.Write) { Rate = Rate };
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        stop.CancelAfter(duration);
        await loop.RunAsync(stop.Token, cancellationToken);

        (long Sent, double P50, double P99) sent = default;
        await BenchStack.UntilAsync(
            TimeSpan.FromMinutes(1),
            async () =>
            {
                sent = await ReadAsync(stack.Database, accounts[0].UserId, from, cancellationToken);
                return sent.Sent >= loop.AcceptedCount ? "" : $"{loop.AcceptedCount - sent.Sent} express messages to be sent";
            },
            cancellationToken);
        return (sent.P50, sent.P99);
    }

    private static async Task<(long Sent, double P50, double P99)> ReadAsync(
        NpgsqlDataSource database, long userId, Guid from, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand(
            """
            SELECT count(sent_at), coalesce(percentile_disc(0.5) WITHIN GROUP (ORDER BY took), 0), coalesce(percentile_disc(0.99) WITHIN GROUP (ORDER BY took), 0)
              FROM (SELECT sent_at, (extract(epoch FROM sent_at - created_at) * 1000)::float8 AS took FROM sms_messages WHERE user_id = $1 AND id >= $2) AS express
            """);
        command.Parameters.Add(new() { Value = userId });
        command.Parameters.Add(new() { Value = from });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        await reader.ReadAsync(cancellationToken);
        return (reader.GetInt64(0), reader.GetDouble(1), reader.GetDouble(2));
    }
}
