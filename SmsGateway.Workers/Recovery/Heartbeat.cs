using Npgsql;

using SmsGateway.Core.Redis;
using SmsGateway.Workers.Claims;

using StackExchange.Redis;

namespace SmsGateway.Workers.Recovery;

/// <summary>What a heartbeat found out about a shard.</summary>
/// <param name="LostTime">Why this Redis must be rebuilt; null where it is sound, as far as PostgreSQL can be asked.</param>
/// <param name="DeadWorkers">Workers whose lease has ended and that may have left claims.</param>
internal sealed record Pulse(string? LostTime, IReadOnlyList<string> DeadWorkers);

/// <summary>
/// Renews this worker's lease, advances the epoch counter, and compares it with what PostgreSQL has recorded. PostgreSQL is read first:
/// all that it knows came from this Redis before, so a counter that is not beyond it belongs to a Redis that has lost time.
/// </summary>
internal sealed class Heartbeat(IConnectionMultiplexer connection, NpgsqlDataSource database, WorkerIdentity worker, TimeProvider clock, ILogger<Heartbeat> log)
{
    /// <summary>How long PostgreSQL may take to answer: a lease must not end because it hangs.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);

    /// <summary>PostgreSQL failing the one loop that beats.</summary>
    private readonly Outage _outage = new("Recording the heartbeat", null, clock, log);

    /// <summary>The counter of the last beat by shard, not yet recorded; only the one loop that beats touches it.</summary>
    private readonly Dictionary<int, (string Epoch, long Counter)> _unrecorded = [];

    /// <exception cref="RedisException">Redis cannot be asked.</exception>
    public async Task<Pulse> BeatAsync(RedisKeys keys, CancellationToken cancellationToken)
    {
        var recorded = await RecordAsync(keys.Shard, cancellationToken);
        long askedAt = clock.GetTimestamp();
        var answer = (RedisValue[])(await RedisScript.Heartbeat.RunAsync(
            connection.GetDatabase(), [keys.Workers, keys.Epoch], [worker.Id, (long)WorkerIdentity.Lease.TotalMilliseconds]))!;
        worker.Renewed(askedAt);

        string epoch = (string?)answer[0] ?? "";
        long counter = (long)answer[1];
        var dead = answer.Skip(2).Select(value => (string)value!).ToArray();
        if (epoch.Length == 0)
        {
            return new("it has no epoch", dead);
        }

        _unrecorded[keys.Shard] = (epoch, counter);
        return recorded switch
        {
            null => new(null, dead),
            { } known when known.Epoch != epoch => new("its epoch is another than PostgreSQL has recorded", dead),
            { } known when known.Counter >= counter => new($"its counter is {counter}, and PostgreSQL has recorded {known.Counter}", dead),
            _ => new(null, dead),
        };
    }

    /// <summary>Records the last beat, and returns what PostgreSQL knew of the shard; null where it cannot be asked.</summary>
    private async Task<(string Epoch, long Counter)?> RecordAsync(int shard, CancellationToken cancellationToken)
    {
        using var bounded = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        bounded.CancelAfter(Patience);
        try
        {
            var last = _unrecorded.GetValueOrDefault(shard, ("", 0));
            await using var command = database.CreateCommand(
                """
                WITH recorded AS (
                  UPDATE redis_epochs SET counter = $3, recorded_at = now() WHERE shard = $1 AND epoch_id = $2 AND counter < $3
                )
                SELECT epoch_id, greatest(counter, (SELECT max(epoch_counter) FROM ingest_claims c WHERE c.shard = e.shard))
                  FROM redis_epochs e
                 WHERE shard = $1
                """);
            command.Parameters.Add(new() { Value = shard });
            command.Parameters.Add(new() { Value = last.Item1 });
            command.Parameters.Add(new() { Value = last.Item2 });
            await using var reader = await command.ExecuteReaderAsync(bounded.Token);
            (string, long)? known = await reader.ReadAsync(bounded.Token) ? (reader.GetString(0), reader.GetInt64(1)) : ("", 0);
            _outage.Ended();
            return known;
        }
        catch (Exception error) when (error is NpgsqlException or OperationCanceledException && !cancellationToken.IsCancellationRequested)
        {
            _outage.Failed(error);
            return null;
        }
    }
}
