using Microsoft.Extensions.Options;

using SmsGateway.Core.Messages;
using SmsGateway.Core.Redis;
using SmsGateway.Workers.Claims;

using StackExchange.Redis;

namespace SmsGateway.Workers.Dispatch;

/// <summary>
/// Claims messages, as many as can be sent at once, and sends each. What it has claimed and not yet accounted for never exceeds its slots;
/// everything of it is in its claim in Redis, where whoever takes over finds it.
/// </summary>
internal sealed class Dispatcher : BackgroundService
{
    private readonly DispatchShards _all;
    private readonly IReadOnlyList<DispatchShard> _shards;
    private readonly Routes _routes;
    private readonly MessageSender _sender;
    private readonly DeadDispatcher _claims;
    private readonly WorkerIdentity _identity;
    private readonly DispatchMetrics _metrics;
    private readonly DispatchOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger<Dispatcher> _log;
    private readonly DetourBudget _detours;
    private readonly CancellationTokenSource _abort = new();

    // The shard that is asked first, a different one each time. The claim loop's own.
    private int _firstShard;
    private bool _leaseLost;

    public Dispatcher(
        DispatchShards shards,
        Routes routes,
        MessageSender sender,
        DeadDispatcher claims,
        WorkerIdentity identity,
        DispatchMetrics metrics,
        IOptions<DispatchOptions> options,
        TimeProvider time,
        ILogger<Dispatcher> log)
    {
        _options = options.Value;
        _routes = routes;
        _sender = sender;
        _claims = claims;
        _identity = identity;
        _metrics = metrics;
        _time = time;
        _log = log;
        _detours = new DetourBudget(_options.DetoursPerSecond, time);
        _all = shards;
        _shards = shards.All;
        metrics.WatchHeld(() => Held);
    }

    private int Held => _all.Held;

    public override void Dispose()
    {
        _abort.Dispose();
        base.Dispose();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var giveUp = new CancellationTokenSource();
        var writers = _shards.Select(shard => shard.Writer.RunAsync(giveUp.Token)).ToArray();
        var firstEnded = Task.WhenAny(writers);
        try
        {
            while (!stoppingToken.IsCancellationRequested)
            {
                if (firstEnded.IsCompleted)
                {
                    // Before it is told to, a writer ends only by a mistake of ours. Without it slots are never freed again: stop loudly.
                    await await firstEnded;
                }

                int claimed = await ClaimAsync(stoppingToken);
                await Task.Delay(claimed > 0 ? _options.ClaimDelay : _options.IdleDelay, _time, stoppingToken);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // Told to stop: drain.
        }

        await DrainAsync();
        foreach (var shard in _shards)
        {
            shard.Writer.Complete();
        }

        giveUp.CancelAfter(_options.RedisTimeout);
        await Task.WhenAll(writers);
    }

    /// <summary>Fills the free slots, as far as providers can take messages, from all shards.</summary>
    /// <returns>A number above 0 where it is worth looking again soon.</returns>
    private async Task<int> ClaimAsync(CancellationToken stopping)
    {
        if (!CheckLease())
        {
            return 0;
        }

        int room = Math.Min(_options.Slots - Held, _routes.Room(_detours.Left));
        if (room <= 0)
        {
            // Full: something becomes free soon. Or every provider rests.
            return Held;
        }

        int claimed = 0;
        _firstShard++;
        for (int i = 0; i < _shards.Count && claimed < room && !stopping.IsCancellationRequested; i++)
        {
            claimed += await ClaimAsync(_shards[(_firstShard + i) % _shards.Count], room - claimed, stopping);
        }

        return claimed;
    }

    private async Task<int> ClaimAsync(DispatchShard shard, int most, CancellationToken stopping)
    {
        if (shard.Writer.IsStuck || shard.Outage.Pauses || !await ReturnLeftoversAsync(shard))
        {
            return 0;
        }

        RedisValue[] claimed;
        try
        {
            claimed = _routes.IsLimited ? await ClaimLimitedAsync(shard, most) : await shard.ClaimAsync(most, look: 0);
            shard.Outage.Ended();
        }
        catch (Exception error) when (RedisFailure.Is(error))
        {
            shard.Outage.Failed(error);
            return 0;
        }

        for (int i = 0; i < claimed.Length; i += 2)
        {
            shard.Writer.Hold(claimed[i], claimed[i + 1]);
            Start(shard, claimed[i], claimed[i + 1], stopping);
        }

        // What waits for tokens is looked at again soon.
        return Math.Max(claimed.Length / 2, Math.Min(shard.Waiting, 1));
    }

    /// <summary>Claims no more than there are tokens for; takes tokens only for messages that are there, for what is not used is lost.</summary>
    private async Task<RedisValue[]> ClaimLimitedAsync(DispatchShard shard, int most)
    {
        if (shard.Waiting == 0)
        {
            await shard.ClaimAsync(0, look: most);
        }

        int admitted = shard.Waiting == 0 ? 0 : await _routes.AdmitAsync(Math.Min(most, shard.Waiting), _detours.Left);
        return admitted == 0 ? [] : await shard.ClaimAsync(admitted, look: most);
    }

    /// <summary>Gives back what is in the claim and unknown here, as soon as nothing else is in it.</summary>
    /// <returns>Whether the shard can be claimed from.</returns>
    private async Task<bool> ReturnLeftoversAsync(DispatchShard shard)
    {
        if (!shard.HasLeftovers)
        {
            return true;
        }

        if (shard.Writer.Held > 0)
        {
            return false;
        }

        try
        {
            await _claims.ReturnUnsentAsync(shard.Keys, _identity.Id);
            shard.LeftoversReturned();
            return true;
        }
        catch (Exception error) when (RedisFailure.Is(error))
        {
            shard.Outage.Failed(error);
            return false;
        }
    }

    private void Start(DispatchShard shard, RedisValue id, RedisValue payload, CancellationToken stopping)
    {
        if (ClaimedPayload.Read(id, payload, _time.GetUtcNow(), out var letter) is { } message)
        {
            _ = SendAsync(shard, id, message, stopping);
            return;
        }

        DispatchLog.SetAside(_log, shard.Keys.Shard, letter!.Reason);
        _metrics.SetAside(1);
        shard.Writer.Post(id, Decision.SetAside(letter));
    }

    private async Task SendAsync(DispatchShard shard, RedisValue id, QueuedMessage message, CancellationToken stopping)
    {
        Decision decision;
        try
        {
            decision = await _sender.SendAsync(message, shard.Mark, stopping, _abort.Token);
        }
#pragma warning disable CA1031 // A mistake in the code of one provider must neither keep a slot for ever nor stop the others.
        catch (Exception error)
#pragma warning restore CA1031
        {
            DispatchLog.SendBroke(_log, message.Id, error);
            decision = _sender.Broken(message);
        }

        if (decision.IsLeave)
        {
            shard.Leave(id);
            return;
        }

        if (decision.Again is not null)
        {
            _metrics.Returned(1);
            if (decision.Again.Attempts == message.Attempts)
            {
                _detours.Spend();
            }
        }

        shard.Writer.Post(id, decision);
    }

    private bool CheckLease()
    {
        bool holds = _identity.HoldsLease;
        if (holds == _leaseLost)
        {
            _leaseLost = !holds;
            if (holds)
            {
                DispatchLog.LeaseHeld(_log, _identity.Id);
            }
            else
            {
                DispatchLog.LeaseLost(_log, _identity.Id);
            }
        }

        return holds;
    }

    /// <summary>Lets what is under way end, then ends it; gives back what has not been sent.</summary>
    private async Task DrainAsync()
    {
        DispatchLog.Stops(_log, Held);
        if (!await IsDrainedAsync(_options.DrainTimeout))
        {
            await _abort.CancelAsync();
            await IsDrainedAsync(_options.RedisTimeout);
        }

        foreach (var shard in _shards)
        {
            await ReturnLeftoversAsync(shard);
        }

        if (Held is var held and > 0)
        {
            DispatchLog.EndsHolding(_log, held);
        }
    }

    private async Task<bool> IsDrainedAsync(TimeSpan patience)
    {
        long start = _time.GetTimestamp();
        while (Held > 0)
        {
            if (_time.GetElapsedTime(start) >= patience)
            {
                return false;
            }

            await Task.Delay(_options.ClaimDelay, _time);
        }

        return true;
    }
}
