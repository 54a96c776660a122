using Microsoft.Extensions.Options;

using SmsGateway.Api.Errors;
using SmsGateway.Core.Credits;
using SmsGateway.Core.Redis;

using StackExchange.Redis;

namespace SmsGateway.Api.Messages;

/// <summary>The return codes of accept.lua and accept_bulk.lua.</summary>
internal enum AcceptCode
{
    Accepted = 1,
    Replayed = 2,
    OtherRequest = 3,
    InsufficientBalance = 4,

    /// <summary>As the result of <see cref="Charger"/>: it could not be loaded in time.</summary>
    BalanceNotLoaded = 5,
    BacklogFull = 6,
    Closed = 7,
}

/// <summary>What a script answered: what became of the messages, and what the script's header says of that code.</summary>
internal readonly record struct ChargeResult(AcceptCode Code, RedisValue Detail);

/// <summary>Runs the scripts that charge and queue: one round trip to Redis, except where a balance has to be loaded first.</summary>
internal sealed class Charger(
    EpochGate gate, IConnectionMultiplexer connection, BalanceLoader balances, Shards shards, IOptions<RedisOptions> options, TimeProvider time,
    ILogger<Charger> log)
{
    /// <summary>
    /// How soon a balance that could not be loaded is tried again: something of the account is on its way to the database.
    /// </summary>
    private static readonly TimeSpan LoadPause = TimeSpan.FromMilliseconds(50);

    private readonly TimeSpan _timeout = options.Value.Timeout;

    /// <summary>
    /// By shard: 1 while accepting has stopped, so that the log says it once. Read by every request, written when that changes.
    /// </summary>
    private readonly int[] _isStopped = new int[shards.All.Count];

    /// <exception cref="TimeoutException">Redis did not answer in time. Whether anything was taken is not known.</exception>
    /// <exception cref="RedisException">Redis cannot be asked.</exception>
    /// <exception cref="GateClosedException">This Redis may have lost time.</exception>
    public async Task<ChargeResult> ChargeAsync(
        RedisScript script, long userId, RedisKey[] keys, RedisValue[] arguments, CancellationToken cancellationToken)
    {
        int shard = shards.Of(userId).Shard;
        try
        {
            var result = default(ChargeResult);
            long started = time.GetTimestamp();
            do
            {
                result = connection.GetDatabase().IsConnected(keys[0])
                    ? Read(await gate.RunAsync(script, keys, arguments).WaitAsync(_timeout, time, cancellationToken))
                    : new(AcceptCode.Closed, default);
                if (result.Code == AcceptCode.BalanceNotLoaded)
                {
                    result = await LoadBalanceAsync(userId, cancellationToken) ?? result;
                }
            }
            while (result.Code == AcceptCode.BalanceNotLoaded && time.GetElapsedTime(started) <= _timeout);

            Report(shard, result.Code == AcceptCode.Closed ? "Redis is not connected, or has no epoch and so may have lost time" : null);
            return result;
        }
        catch (Exception outage) when (RedisFailure.Is(outage))
        {
            Report(shard, outage.Message);
            throw;
        }
    }

    /// <summary>
    /// What was answered to the request before, with all that was stored of it; null where it is new. For requests that are refused without
    /// asking a script.
    /// </summary>
    public async Task<ChargeResult?> FindReplayAsync(long userId, Idempotency idempotency, CancellationToken cancellationToken)
    {
        string? record = await connection.GetDatabase()
            .StringGetAsync(shards.Of(userId).Idempotency(userId, idempotency.RequestId))
            .WaitAsync(_timeout, time, cancellationToken);
        return record is null ? null
            : record.StartsWith(idempotency.Fingerprint, StringComparison.Ordinal) ? new(AcceptCode.Replayed, record)
            : new(AcceptCode.OtherRequest, default);
    }

    private static ChargeResult Read(RedisResult result)
    {
        var parts = (RedisValue[]?)result ?? throw new InvalidOperationException("the script returned no array");
        return new((AcceptCode)(int)parts[0], parts.Length > 1 ? parts[1] : default);
    }

    /// <summary>Loads a balance; null: the script is to be tried again, perhaps after a moment that this has waited.</summary>
    private async Task<ChargeResult?> LoadBalanceAsync(long userId, CancellationToken cancellationToken)
    {
        switch (await TryLoadBalanceAsync(userId, cancellationToken))
        {
            case BalanceLoadResult.UnknownAccount:
                return new(AcceptCode.InsufficientBalance, 0);
            case BalanceLoadResult.Closed:
                return new(AcceptCode.Closed, default);
            case BalanceLoadResult.Busy:
                await Task.Delay(LoadPause, time, cancellationToken);
                return null;
            default:
                return null;
        }
    }

    /// <summary>A database that is down stops only the accounts whose balance Redis lacks: to them it is a loader that is busy.</summary>
    private async Task<BalanceLoadResult> TryLoadBalanceAsync(long userId, CancellationToken cancellationToken)
    {
        try
        {
            return await balances.LoadAsync(userId, cancellationToken).WaitAsync(_timeout, time, cancellationToken);
        }
        catch (Exception down) when (Outage.IsDatabaseOutage(down) || down is TimeoutException)
        {
            return BalanceLoadResult.Busy;
        }
    }

    private void Report(int shard, string? failure)
    {
        ref int isStopped = ref _isStopped[shard];
        if (failure is null && Volatile.Read(ref isStopped) == 1 && Interlocked.Exchange(ref isStopped, 0) == 1)
        {
            Log.AcceptGoesOn(log, shard);
        }
        else if (failure is not null && Interlocked.Exchange(ref isStopped, 1) == 0)
        {
            Log.AcceptStopped(log, shard, failure);
        }
    }
}
