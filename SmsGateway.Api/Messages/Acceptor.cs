using System.Globalization;

using Microsoft.Extensions.Options;

using SmsGateway.Api.Errors;
using SmsGateway.Core;
using SmsGateway.Core.Credits;
using SmsGateway.Core.Messages;
using SmsGateway.Core.Money;
using SmsGateway.Core.Redis;

using StackExchange.Redis;

namespace SmsGateway.Api.Messages;

/// <summary>How a client can recognise its own repeated request.</summary>
internal readonly record struct Idempotency(string RequestId, string Fingerprint);

/// <summary>
/// What became of a message; <see cref="Id"/> and <see cref="Cost"/> are those of the first answer where it was replayed.
/// </summary>
internal readonly record struct Acceptance(AcceptCode Code, Guid Id, Amount Cost, Amount Balance);

/// <summary>The return codes of accept.lua.</summary>
internal enum AcceptCode
{
    Accepted = 1,
    Replayed = 2,
    OtherRequest = 3,
    InsufficientBalance = 4,

    /// <summary>As the result of <see cref="Acceptor"/>: it could not be loaded in time.</summary>
    BalanceNotLoaded = 5,
    BacklogFull = 6,
    Closed = 7,
}

/// <summary>Charges and queues a message by one script: one round trip to Redis, except where a balance has to be loaded first.</summary>
internal sealed class Acceptor(
    EpochGate gate, IConnectionMultiplexer connection, BalanceLoader balances, Shards shards,
    IOptions<AcceptOptions> options, IOptions<GatewayOptions> gateway, IOptions<RedisOptions> redis, TimeProvider time, ILogger<Acceptor> log)
{
    /// <summary>
    /// How soon a balance that could not be loaded is tried again: something of the account is on its way to the database.
    /// </summary>
    private static readonly TimeSpan LoadPause = TimeSpan.FromMilliseconds(50);

    private static readonly Acceptance Closed = new(AcceptCode.Closed, default, default, default);

    private readonly TimeSpan _timeout = redis.Value.Timeout;
    private readonly RedisValue _backlogLimit = options.Value.BacklogLimit;
    private readonly RedisValue _idempotencySeconds = (long)gateway.Value.IdempotencyLifetime.TotalSeconds;

    /// <summary>
    /// By shard: 1 while accepting has stopped, so that the log says it once. Read by every request, written when that changes.
    /// </summary>
    private readonly int[] _isStopped = new int[shards.All.Count];

    /// <exception cref="TimeoutException">Redis did not answer in time. Whether the message was taken is not known.</exception>
    /// <exception cref="RedisException">Redis cannot be asked.</exception>
    /// <exception cref="GateClosedException">This Redis may have lost time.</exception>
    public async Task<Acceptance> AcceptAsync(QueuedMessage message, Idempotency? idempotency, CancellationToken cancellationToken)
    {
        int shard = shards.Of(message.UserId).Shard;
        try
        {
            var acceptance = await TryAcceptAsync(message, idempotency, cancellationToken);
            bool isClosed = acceptance.Code == AcceptCode.Closed;
            Report(shard, isClosed ? "Redis is not connected, or has no epoch and so may have lost time" : null);
            return acceptance;
        }
        catch (Exception outage) when (RedisFailure.Is(outage))
        {
            Report(shard, outage.Message);
            throw;
        }
    }

    /// <summary>
    /// What was answered to the request before; null where it is new. For requests that are refused without asking the script.
    /// </summary>
    public async Task<Acceptance?> FindReplayAsync(long userId, Idempotency idempotency, CancellationToken cancellationToken)
    {
        var record = (string?)await connection.GetDatabase()
            .StringGetAsync(shards.Of(userId).Idempotency(userId, idempotency.RequestId))
            .WaitAsync(_timeout, time, cancellationToken);
        if (record is null)
        {
            return null;
        }

        return record.StartsWith(idempotency.Fingerprint, StringComparison.Ordinal)
            ? Replay(record.AsSpan(idempotency.Fingerprint.Length + 1))
            : new Acceptance(AcceptCode.OtherRequest, default, default, default);
    }

    private async Task<Acceptance> TryAcceptAsync(QueuedMessage message, Idempotency? idempotency, CancellationToken cancellationToken)
    {
        var keys = shards.Of(message.UserId);
        if (!connection.GetDatabase().IsConnected(keys.Messages))
        {
            return Closed;
        }

        var scriptKeys = Keys(keys, message, idempotency);
        var arguments = Arguments(message, idempotency);
        long started = time.GetTimestamp();
        while (true)
        {
            var result = await gate.RunAsync(RedisScript.Accept, scriptKeys, arguments).WaitAsync(_timeout, time, cancellationToken);
            var acceptance = Read(result, message);
            if (acceptance.Code != AcceptCode.BalanceNotLoaded || time.GetElapsedTime(started) > _timeout)
            {
                return acceptance;
            }

            switch (await LoadBalanceAsync(message.UserId, cancellationToken))
            {
                case BalanceLoadResult.UnknownAccount:
                    return new(AcceptCode.InsufficientBalance, default, new(message.CostUnits), Amount.Zero);
                case BalanceLoadResult.Closed:
                    return Closed;
                case BalanceLoadResult.Busy:
                    await Task.Delay(LoadPause, time, cancellationToken);
                    break;
            }
        }
    }

    /// <summary>A database that is down stops only the accounts whose balance Redis lacks: to them it is a loader that is busy.</summary>
    private async Task<BalanceLoadResult> LoadBalanceAsync(long userId, CancellationToken cancellationToken)
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

    private static RedisKey[] Keys(RedisKeys keys, QueuedMessage message, Idempotency? idempotency)
    {
        var balance = keys.UserBalance(message.UserId);
        var pending = keys.PendingDeduct(message.UserId);
        var queue = keys.Queue(message.Priority);
        return idempotency is { } known
            ? [balance, pending, keys.Messages, queue, keys.BufferedCost, keys.Epoch, keys.Idempotency(message.UserId, known.RequestId)]
            : [balance, pending, keys.Messages, queue, keys.BufferedCost, keys.Epoch];
    }

    private RedisValue[] Arguments(QueuedMessage message, Idempotency? idempotency)
    {
        RedisValue id = message.Id.ToString();
        RedisValue payload = MessageJson.Write(message);
        return idempotency is { } known
            ? [id, payload, message.CostUnits, message.UserId, _backlogLimit, known.Fingerprint, _idempotencySeconds]
            : [id, payload, message.CostUnits, message.UserId, _backlogLimit];
    }

    private static Acceptance Read(RedisResult result, QueuedMessage message)
    {
        var parts = (RedisValue[]?)result ?? throw new InvalidOperationException("accept.lua returned no array");
        var code = (AcceptCode)(int)parts[0];
        return code switch
        {
            AcceptCode.Replayed => Replay((string?)parts[1]),
            AcceptCode.InsufficientBalance => new(code, default, new(message.CostUnits), new((long)parts[1])),
            _ => new(code, message.Id, new(message.CostUnits), default),
        };
    }

    /// <param name="record">"&lt;message id&gt; &lt;cost&gt;"</param>
    private static Acceptance Replay(ReadOnlySpan<char> record)
    {
        int space = record.IndexOf(' ');
        return new(
            AcceptCode.Replayed, Guid.ParseExact(record[..space], "D"),
            new(long.Parse(record[(space + 1)..], NumberStyles.None, CultureInfo.InvariantCulture)), default);
    }
}
