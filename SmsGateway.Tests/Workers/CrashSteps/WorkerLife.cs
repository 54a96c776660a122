using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

using SmsGateway.Core.Redis;
using SmsGateway.Tests.Fixtures;
using SmsGateway.Tests.Workers.Providers;
using SmsGateway.Workers.Claims;
using SmsGateway.Workers.Dispatch;
using SmsGateway.Workers.Ingest;
using SmsGateway.Workers.Recovery;
using SmsGateway.Workers.Status;


namespace SmsGateway.Tests.Workers.CrashSteps;

/// <summary>
/// One worker that goes through its loops one after the other, a claim of each: ingest, dispatch, status, sync. The loops are those that run side
/// by side in a worker; in a row, each of their steps has a number.
/// </summary>
internal sealed class WorkerLife
{
    private const int Most = 100;

    private readonly Stores _stores;
    private readonly DispatchOptions _options = new();
    private readonly Routes _routes;
    private readonly MessageSender _sender;

    public WorkerLife(Stores stores, WorkerIdentity identity, CountingProvider provider, bool honoursKey)
    {
        _stores = stores;
        Identity = identity;
        // Two routes, so that the claim must name the one that is asked.
        _routes = new([TestLines.Create(provider, stores.Clock, "a", honoursKey), TestLines.Create(provider, stores.Clock, "b", honoursKey, order: 1)]);
        _sender = new(_routes, new(_options.RetryBase, _options.RetryCap, new(1)), Identity, stores.Clock, Metrics, Options.Create(_options));
    }

    public WorkerIdentity Identity { get; }

    private DispatchMetrics Metrics { get; } = new(UnheardMeters.Instance);

    private RedisKeys Keys => _stores.Keys;

    /// <summary>All loops, once.</summary>
    public async Task LiveAsync()
    {
        await ProcessAsync(_stores.NewIngester(Identity));
        await DispatchAsync();
        await ProcessAsync(_stores.NewStatusFlush(Identity));
        await _stores.Sync.SyncAllAsync(default);
    }

    /// <summary>What a worker does for one that is dead, or paused for longer than its lease; then its own work, until nothing is left.</summary>
    public async Task TakeOverAsync(WorkerIdentity dead)
    {
        var active = new ActiveClaims();
        IClaimLoop[] loops =
        [
            new ClaimLoop<IngestClaim>(
                _stores.NewIngester(Identity), new(Most, 1, default), _stores.Shards, Identity, active, _stores.Clock, NullLogger<ClaimLoop<IngestClaim>>.Instance),
            new ClaimLoop<OutcomeBatch>(
                _stores.NewStatusFlush(Identity), new(Most, 1, default), _stores.Shards, Identity, active, _stores.Clock, NullLogger<ClaimLoop<OutcomeBatch>>.Instance),
        ];
        var deadDispatcher = new DeadDispatcher(
            _stores.Connection, _routes, Metrics, Options.Create(_options), _stores.Clock, NullLogger<DeadDispatcher>.Instance);
        await new TakeOver(_stores.Connection, _stores.Database, loops, deadDispatcher, Identity, active, NullLogger<TakeOver>.Instance)
            .RunAsync(Keys, [dead.Id], default);
        await WorkAsync();
    }

    /// <summary>Rounds until one finds nothing: what is to be tried again is due at once.</summary>
    public async Task WorkAsync()
    {
        do
        {
            await LiveAsync();
            await PromoteAsync();
        }
        while (await _stores.Redis.HashLengthAsync(Keys.Messages) + await _stores.Redis.ListLengthAsync(Keys.StatusBuffer) > 0);

        await _stores.Sync.SyncAllAsync(default);
    }

    private async Task ProcessAsync<TClaim>(IClaimSource<TClaim> source)
        where TClaim : class, IClaim
    {
        if (await source.ClaimAsync(Keys, Guid.CreateVersion7(_stores.Clock.GetUtcNow()), Most) is { } claim)
        {
            await source.ProcessAsync(Keys, claim, default);
        }
    }

    private async Task DispatchAsync()
    {
        var shard = new DispatchShard(_stores.Redis, _stores.Gate, Keys, Identity.Id, _options, TimeProvider.System, NullLogger.Instance);
        var batch = new ClaimBatch(_stores.Redis, Keys, Identity.Id, _options.RedisTimeout, TimeProvider.System);
        var claimed = await shard.ClaimAsync(Most, look: 0);
        for (int i = 0; i < claimed.Length; i += 2)
        {
            var message = ClaimedPayload.Read(claimed[i], claimed[i + 1], _stores.Clock.GetUtcNow(), out _)!;
            var decision = await _sender.SendAsync(message, shard.Mark, default, default);
            if (!decision.IsLeave)
            {
                batch.Add(claimed[i], decision);
            }
        }

        await batch.WriteAsync();
    }

    private Task PromoteAsync() => RedisScript.PromoteDue.RunAsync(
        _stores.Redis,
        [Keys.Scheduled, Keys.ExpressRotation, Keys.NormalRotation],
        [_stores.Clock.GetUtcNow().AddHours(1).ToUnixTimeMilliseconds(), Most, Keys.DispatchListPrefix]);
}
