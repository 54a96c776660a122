using System.Globalization;
using System.Runtime.CompilerServices;

using Microsoft.Extensions.Options;

using Npgsql;

using SmsGateway.Core;
using SmsGateway.Core.Messages;
using SmsGateway.Core.Redis;

using StackExchange.Redis;

namespace SmsGateway.Workers.Recovery;

/// <summary>
/// Makes a Redis that has no trustworthy past (new, emptied, set back) one that may be spent and sent from. It is closed first; what is still in its
/// buffers goes to the database by the ordinary way, where duplicates fall out; then everything derived from the database is thrown away, so
/// that balances are loaded anew on first use, the unsent messages are queued again, answered requests are recognised, and a new epoch opens it. One worker at a time; may stop anywhere and begin again.
/// </summary>
internal sealed class RedisRebuild(
    IConnectionMultiplexer connection, NpgsqlDataSource database, EpochGate gate, Shards shards, IOptions<GatewayOptions> options, TimeProvider clock,
    ILogger<RedisRebuild> log)
{
    /// <summary>With the shard's number: lets one worker at a time rebuild it. The number has no meaning.</summary>
    private const int AdvisoryLock = 0x534D_0003;

    private const int BatchSize = 1_000;

    /// <summary>Messages that ended while Redis was away are queued too, so that dispatch expires them and their cost is given back.</summary>
    private static readonly TimeSpan LongestOutage = TimeSpan.FromDays(1);

    /// <summary>No older message can still be waiting.</summary>
    private readonly TimeSpan _longestWait =
        options.Value.LongestSchedule + TimeSpan.FromSeconds(QueuedMessage.LongestValiditySeconds) + LongestOutage;

    private readonly LiveWorkers _workers = new(connection, clock);
    private readonly TimeSpan _idempotencyLifetime = options.Value.IdempotencyLifetime;

    /// <summary>Goes as far as it can; false where messages are still on their way to the database, and it must be called again.</summary>
    public async Task<bool> RunAsync(RedisKeys keys, string reason, CancellationToken cancellationToken)
    {
        await using var session = await database.OpenConnectionAsync(cancellationToken);
        if (!await ScalarAsync<bool>(session, "SELECT pg_try_advisory_lock($1, $2)", [AdvisoryLock, keys.Shard], cancellationToken))
        {
            return false;
        }

        try
        {
            return await IsSoundAsync(keys) || await RebuildAsync(session, keys, reason, cancellationToken);
        }
        catch (RebuildOvertakenException overtaken)
        {
            Log.RebuildOvertaken(log, overtaken.Message);
            return false;
        }
        finally
        {
            // A session that is gone has taken its lock with it.
            if (session.State == System.Data.ConnectionState.Open)
            {
                await ScalarAsync<bool>(session, "SELECT pg_advisory_unlock($1, $2)", [AdvisoryLock, keys.Shard], CancellationToken.None);
            }
        }
    }

    /// <summary>Whether another worker has been quicker.</summary>
    private async Task<bool> IsSoundAsync(RedisKeys keys)
    {
        try
        {
            await gate.CheckAsync(keys);
            return true;
        }
        catch (GateClosedException)
        {
            return false;
        }
    }

    private async Task<bool> RebuildAsync(NpgsqlConnection session, RedisKeys keys, string reason, CancellationToken cancellationToken)
    {
        long started = clock.GetTimestamp();
        Log.RedisLostTime(log, keys.Shard, reason);
        var steps = new RebuildSteps(connection, keys);
        await gate.CloseAsync(keys);
        await steps.BeginAsync();
        if (await WhatIsLeftAsync(session, keys, cancellationToken) is { Length: > 0 } left)
        {
            Log.RebuildWaits(log, keys.Shard, left);
            return false;
        }

        var (epoch, counter) = await BeginEpochAsync(session, keys.Shard, cancellationToken);
        int accounts = await ForgetAccountsAsync(session, keys, steps, cancellationToken);
        int messages = await InBatchesAsync(
            StoredMessages.ReadUnsentAsync(session, clock.GetUtcNow() - _longestWait, keys.Shard, shards.All.Count, cancellationToken), steps.QueueAsync);
        int requests = await InBatchesAsync(
            AnsweredRequest.ReadAsync(session, clock.GetUtcNow(), _idempotencyLifetime, keys.Shard, shards.All.Count, cancellationToken), steps.RememberAsync);
        await steps.OpenAsync(epoch, counter);
        _workers.Done(keys);
        Log.RedisRebuilt(log, keys.Shard, epoch, accounts, messages, requests, clock.GetElapsedTime(started));
        return true;
    }

    /// <summary>What must reach the database, or come back from providers, before the database can be trusted to know everything.</summary>
    private async Task<string> WhatIsLeftAsync(NpgsqlConnection session, RedisKeys keys, CancellationToken cancellationToken)
    {
        // First: what a worker holds is in flight as soon as it has told.
        int silent = await _workers.CountSilentAsync(session, keys, cancellationToken);
        var redis = connection.GetDatabase();
        var workers = await redis.SortedSetRangeByRankAsync(keys.Workers);
        var inFlight = await Task.WhenAll(workers.Select(worker => redis.HashLengthAsync(keys.DispatchClaim((string)worker!))));
        (string Name, long Count)[] left =
        [
            ("accepted messages", await redis.ListLengthAsync(keys.ExpressQueue) + await redis.ListLengthAsync(keys.NormalQueue)),
            ("ingest claims", await redis.HashLengthAsync(keys.IngestClaims)),
            ("workers that have not told what they hold", silent),
            ("messages in flight", inFlight.Sum()),
            ("outcomes", await redis.ListLengthAsync(keys.StatusBuffer)),
            ("status claims", await redis.HashLengthAsync(keys.StatusClaims)),
            ("adjustments", await redis.HashLengthAsync(keys.Adjustments)),
        ];
        return string.Join(", ", left.Where(item => item.Count > 0).Select(item => string.Create(CultureInfo.InvariantCulture, $"{item.Count} {item.Name}")));
    }

    /// <summary>Takes every balance and dispatch list out of Redis; returns the number of accounts.</summary>
    private async Task<int> ForgetAccountsAsync(NpgsqlConnection session, RedisKeys keys, RebuildSteps steps, CancellationToken cancellationToken)
    {
        // Not what was cancelled: such a message may still be queued in the database, and must not be sent.
        await steps.ForgetAsync([keys.Messages, keys.BufferedCost, keys.Scheduled, keys.ExpressRotation, keys.NormalRotation]);
        return await InBatchesAsync(ReadAccountsAsync(session, keys.Shard, cancellationToken), accounts => steps.ForgetAsync(accounts.SelectMany(userId =>
            new[] { keys.UserBalance(userId), keys.PendingDeduct(userId), keys.SyncSeq(userId), keys.BalanceLoad(userId) }
                .Concat(Priorities.All.Select(priority => keys.DispatchList(priority, userId))))));
    }

    private async IAsyncEnumerable<long> ReadAccountsAsync(NpgsqlConnection session, int shard, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand("SELECT user_id FROM credit_accounts WHERE user_id % $1 = $2", session)
        {
            Parameters = { new() { Value = (long)shards.All.Count }, new() { Value = (long)shard } },
        };
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            yield return reader.GetInt64(0);
        }
    }

    /// <summary>Does something to all items, a batch at a time; returns their number.</summary>
    private static async Task<int> InBatchesAsync<T>(IAsyncEnumerable<T> items, Func<IReadOnlyList<T>, Task> step)
    {
        int done = 0;
        await foreach (var batch in items.Chunk(BatchSize))
        {
            await step(batch);
            done += batch.Length;
        }

        return done;
    }

    /// <summary>
    /// Begins a new epoch in PostgreSQL, before anything is read from it: claims of the old Redis that are landing right now hold the row and are
    /// waited for, and those that come later are refused.
    /// </summary>
    private async Task<(string Epoch, long Counter)> BeginEpochAsync(NpgsqlConnection session, int shard, CancellationToken cancellationToken)
    {
        string epoch = Guid.CreateVersion7(clock.GetUtcNow()).ToString();
        await using var transaction = await session.BeginTransactionAsync(cancellationToken);
        await using (var wait = new NpgsqlCommand("SELECT 1 FROM redis_epochs WHERE shard = $1 FOR UPDATE", session, transaction))
        {
            wait.Parameters.Add(new() { Value = shard });
            await wait.ExecuteScalarAsync(cancellationToken);
        }

        long counter = await ScalarAsync<long>(
            session,
            """
            INSERT INTO redis_epochs AS e (shard, epoch_id, counter)
            VALUES ($1, $2, coalesce((SELECT max(epoch_counter) FROM ingest_claims WHERE shard = $1), 0) + 1)
            ON CONFLICT (shard) DO UPDATE SET epoch_id = $2, counter = greatest(e.counter + 1, excluded.counter), recorded_at = now()
            RETURNING counter
            """,
            [shard, epoch], cancellationToken);
        await transaction.CommitAsync(cancellationToken);

        // Beyond what is recorded: a sound Redis is never behind PostgreSQL, nor level with it at a heartbeat.
        return (epoch, counter + 1);
    }

    private static async Task<T> ScalarAsync<T>(NpgsqlConnection session, string sql, object[] arguments, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(sql, session);
        foreach (object argument in arguments)
        {
            command.Parameters.Add(new() { Value = argument });
        }

        return (T)(await command.ExecuteScalarAsync(cancellationToken))!;
    }
}
