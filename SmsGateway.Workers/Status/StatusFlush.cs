using Microsoft.Extensions.Options;

using Npgsql;

using SmsGateway.Core.Messages;
using SmsGateway.Core.Redis;
using SmsGateway.Workers.Claims;

using StackExchange.Redis;

namespace SmsGateway.Workers.Status;

/// <summary>
/// Moves outcomes to the database: claim from the buffer, write, forget the claim. A crash after any step leaves a claim whose heir writes it
/// once more, which is harmless. An outcome whose message is not there yet is parked and looked at again.
/// </summary>
internal sealed class StatusFlush(
    IConnectionMultiplexer connection, StatusTransaction transaction, Repeats repeats, WorkerIdentity worker, StatusMetrics metrics, TimeProvider clock,
    IOptions<StatusOptions> options, ILogger<StatusFlush> log) : IClaimSource<OutcomeBatch>
{
    private readonly StatusOptions _options = options.Value;

    public RedisKey Registry(RedisKeys keys) => keys.StatusClaims;

    public async Task<OutcomeBatch?> ClaimAsync(RedisKeys keys, Guid id, int most)
    {
        var result = await RedisScript.ClaimStatus.RunAsync(
            connection.GetDatabase(),
            [keys.StatusBuffer, keys.ParkedOutcomes, keys.StatusClaim(id), keys.StatusClaims],
            [id.ToString(), worker.Id, most, clock.GetUtcNow().ToUnixTimeMilliseconds()]);
        return OutcomeBatch.Read(id, (RedisValue[])result!);
    }

    public async Task<OutcomeBatch?> ReadClaimAsync(RedisKeys keys, Guid id) =>
        OutcomeBatch.Read(id, await connection.GetDatabase().ListRangeAsync(keys.StatusClaim(id)));

    public async Task ProcessAsync(RedisKeys keys, OutcomeBatch batch, CancellationToken cancellationToken)
    {
        long started = clock.GetTimestamp();
        var written = new WrittenOutcomes();
        await WriteAsync(batch.Messages, written, cancellationToken);
        await repeats.DropAsync(written.Resolved);
        var instructions = new List<RedisValue>();
        var (parked, expired) = AddUnmatched(instructions, written.Unmatched);
        int unreadable = AddUnreadable(instructions, batch.Id, [.. batch.Unreadable, .. written.Refused]);
        var finished = await RedisScript.FinishStatus.RunAsync(
            connection.GetDatabase(),
            [keys.StatusClaims, keys.StatusClaim(batch.Id), keys.ParkedOutcomes, keys.DeadLetters],
            [batch.Id.ToString(), .. instructions]);
        if ((int)finished == 1)
        {
            metrics.Flushed(batch, written, clock.GetElapsedTime(started));
            metrics.NotWritten(parked, expired, unreadable);
        }
    }

    /// <summary>Writes outcomes; where the database refuses one for what it is, halves until that one is alone and the rest is written.</summary>
    private async Task WriteAsync(ArraySegment<MergedOutcome> messages, WrittenOutcomes written, CancellationToken cancellationToken)
    {
        try
        {
            if (messages.Count > 0)
            {
                await transaction.WriteAsync(messages, written, cancellationToken);
            }
        }
        catch (PostgresException refused) when (PostgresErrors.IsAboutData(refused) && messages.Count == 1)
        {
            written.Refused.AddRange(messages[0].Outcomes.Select(outcome => (MessageJson.Write(outcome), $"refused by the database: {refused.SqlState}")));
        }
        catch (PostgresException refused) when (PostgresErrors.IsAboutData(refused))
        {
            await WriteAsync(messages[..(messages.Count / 2)], written, cancellationToken);
            await WriteAsync(messages[(messages.Count / 2)..], written, cancellationToken);
        }
    }

    private int AddUnreadable(List<RedisValue> instructions, Guid claim, List<(byte[] Payload, string Reason)> unreadable)
    {
        if (unreadable.Count > 0)
        {
            Log.StatusSetAside(log, claim, unreadable.Count);
        }

        foreach (var (payload, reason) in unreadable)
        {
            instructions.AddRange(["dead", Letter(clock.GetUtcNow(), reason, null, payload)]);
        }

        return unreadable.Count;
    }

    /// <summary>
    /// Parks what has no message yet, or sets it aside when it has waited for too long. The looks at one outcome come ever later: most are
    /// matched by the first, and those that never will be must not keep the database busy.
    /// </summary>
    private (int Parked, int Expired) AddUnmatched(List<RedisValue> instructions, List<MergedOutcome> unmatched)
    {
        var now = clock.GetUtcNow();
        int parked = 0, expired = 0;
        foreach (var outcome in unmatched.SelectMany(message => message.Outcomes))
        {
            var since = outcome.ParkedAt ?? now;
            var end = since + _options.ParkLimit;
            byte[] payload = MessageJson.Write(outcome with { ParkedAt = since });
            if (now < end)
            {
                var next = now + (now - since > _options.ParkInterval ? now - since : _options.ParkInterval);
                instructions.AddRange(["park", (next < end ? next : end).ToUnixTimeMilliseconds(), payload]);
                parked += outcome.ParkedAt is null ? 1 : 0;
            }
            else
            {
                instructions.AddRange(["dead", Letter(now, "no message has this id", outcome.Id.ToString(), payload)]);
                expired++;
            }
        }

        if (expired > 0)
        {
            Log.OutcomesUnmatched(log, expired, _options.ParkLimit);
        }

        return (parked, expired);
    }

    private static byte[] Letter(DateTimeOffset now, string reason, string? id, byte[] payload) =>
        MessageJson.Write(new DeadLetter { Source = "status", Reason = reason, At = now, Id = id, Payload = payload });
}
