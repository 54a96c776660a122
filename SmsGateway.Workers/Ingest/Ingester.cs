using SmsGateway.Core.Redis;
using SmsGateway.Workers.Claims;

using StackExchange.Redis;

namespace SmsGateway.Workers.Ingest;

/// <summary>
/// <c>batch_ingest_sms</c>: claim from the buffer, land in the database, hand over to dispatch. A crash after any step leaves a claim in Redis
/// that its heir processes by the same steps: the fence in the database tells whether it has landed.
/// </summary>
internal sealed class Ingester(
    IConnectionMultiplexer connection, IngestTransaction transaction, WorkerIdentity worker, IngestMetrics metrics, TimeProvider clock,
    ILogger<Ingester> log)
    : IClaimSource<IngestClaim>
{
    public RedisKey Registry(RedisKeys keys) => keys.IngestClaims;

    public async Task<IngestClaim?> ClaimAsync(RedisKeys keys, Guid id, int most)
    {
        var result = await RedisScript.ClaimIngest.RunAsync(
            connection.GetDatabase(),
            [keys.ExpressQueue, keys.NormalQueue, keys.IngestClaim(id), keys.IngestClaims, keys.Messages, keys.Epoch],
            [id.ToString(), worker.Id, most]);
        var claim = IngestClaim.Read(id, result);
        return claim is { EpochId: "" } ? await ReadClaimAsync(keys, id) : claim;
    }

    public async Task<IngestClaim?> ReadClaimAsync(RedisKeys keys, Guid id)
    {
        // A Redis that is being rebuilt has no epoch. PostgreSQL has the one of before until Redis holds no claim any more: asked first, it is the one
        // under which this claim may land, and no other is after Redis was lost once more.
        string recorded = await transaction.ReadEpochAsync(keys.Shard);
        var result = await RedisScript.ReadIngestClaim.RunAsync(connection.GetDatabase(), [keys.IngestClaim(id), keys.Messages, keys.Epoch], []);
        var claim = IngestClaim.Read(id, result);
        return claim is { EpochId: "" } ? claim.Under(recorded) : claim;
    }

    public async Task ProcessAsync(RedisKeys keys, IngestClaim claim, CancellationToken cancellationToken)
    {
        using var trace = IngestTrace.Begin(claim);
        long started = clock.GetTimestamp();
        var dropped = await transaction.LandAsync(claim, keys.Shard, worker.Id, cancellationToken);
        var instructions = new HandOver(clock.GetUtcNow()).Instructions(claim, dropped);
        var handedOver = await RedisScript.HandOver.RunAsync(
            connection.GetDatabase(),
            [
                keys.IngestClaims, keys.IngestClaim(claim.Id), keys.Messages, keys.BufferedCost, keys.Scheduled, keys.DeadLetters,
                keys.ExpressRotation, keys.NormalRotation, keys.Cancelled,
            ],
            [claim.Id.ToString(), keys.DispatchListPrefix, keys.UserBalancePrefix, keys.PendingDeductPrefix, .. instructions]);
        if ((int)handedOver == 1 || dropped.Values.Contains(IngestTransaction.Superseded))
        {
            Report(claim, dropped, clock.GetElapsedTime(started));
        }
    }

    private void Report(IngestClaim claim, IReadOnlyDictionary<Guid, string> dropped, TimeSpan duration)
    {
        int duplicates = dropped.Values.Count(reason => reason == IngestTransaction.Duplicate);
        int dead = dropped.Count - duplicates + claim.Unreadable.Count;
        metrics.Ingested(claim.Messages.Count - dropped.Count, duplicates, dead, duration);
        if (dead > 0)
        {
            string reason = dropped.Values.FirstOrDefault(reason => reason != IngestTransaction.Duplicate) ?? claim.Unreadable[0].Reason;
            Log.IngestSetAside(log, claim.Id, dead, reason);
        }
    }
}
