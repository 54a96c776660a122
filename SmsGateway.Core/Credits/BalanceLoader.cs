using System.Collections.Concurrent;

using Npgsql;

using SmsGateway.Core.Redis;

using StackExchange.Redis;

namespace SmsGateway.Core.Credits;

/// <summary>What came of loading a balance.</summary>
public enum BalanceLoadResult
{
    /// <summary>The balance is in Redis.</summary>
    Loaded,

    /// <summary>Another loader is at it, or messages of the account are still on their way to the database. Try again in a moment.</summary>
    Busy,

    /// <summary>This Redis has no epoch: nothing is loaded until it is rebuilt.</summary>
    Closed,

    /// <summary>The database has no such account.</summary>
    UnknownAccount,
}

/// <summary>
/// Loads a balance that Redis lacks from the database. It is never guessed: nothing is loaded while a message of the account is still
/// buffered in Redis, so that database balance and unapplied usage are the whole truth (begin_balance_load.lua).
/// </summary>
public sealed class BalanceLoader(IConnectionMultiplexer connection, NpgsqlDataSource database, Shards shards)
{
    /// <summary>A loader that takes longer than this has lost the right to store what it read.</summary>
    private static readonly TimeSpan LockLife = TimeSpan.FromSeconds(5);

    private readonly MoneyReader _money = new(connection, database, shards);

    /// <summary>Loads under way in this process: callers at the same time share one.</summary>
    private readonly ConcurrentDictionary<long, Lazy<Task<BalanceLoadResult>>> _loading = new();

    internal enum BeginCode
    {
        Begun = 1,
        AlreadyThere = 2,
        OtherLoader = 3,
        StillBuffered = 4,
        Closed = 7,
    }

    /// <exception cref="NpgsqlException">The database cannot be asked.</exception>
    /// <exception cref="RedisException">Redis cannot be asked.</exception>
    public Task<BalanceLoadResult> LoadAsync(long userId, CancellationToken cancellationToken) =>
        _loading.GetOrAdd(userId, id => new(() => LoadOnceAsync(id))).Value.WaitAsync(cancellationToken);

    /// <summary>Not ended by the caller that happened to come first, for others wait for it too.</summary>
    private async Task<BalanceLoadResult> LoadOnceAsync(long userId)
    {
        try
        {
            return await TryLoadAsync(userId);
        }
        finally
        {
            _loading.TryRemove(userId, out _);
        }
    }

    private async Task<BalanceLoadResult> TryLoadAsync(long userId)
    {
        string token = Guid.CreateVersion7().ToString();
        switch (await BeginAsync(userId, token))
        {
            case BeginCode.AlreadyThere:
                return BalanceLoadResult.Loaded;
            case BeginCode.OtherLoader or BeginCode.StillBuffered:
                return BalanceLoadResult.Busy;
            case BeginCode.Closed:
                return BalanceLoadResult.Closed;
        }

        if (await _money.ReadDatabaseAsync(userId, MoneyReader.Latest, CancellationToken.None) is not { } money)
        {
            return BalanceLoadResult.UnknownAccount;
        }

        return await FinishAsync(userId, token, money) ? BalanceLoadResult.Loaded : BalanceLoadResult.Busy;
    }

    internal async Task<BeginCode> BeginAsync(long userId, string token)
    {
        var keys = shards.Of(userId);
        return (BeginCode)(int)await RedisScript.BeginBalanceLoad.RunAsync(
            connection.GetDatabase(),
            [keys.UserBalance(userId), keys.BalanceLoad(userId), keys.BufferedCost, keys.Epoch],
            [token, (long)LockLife.TotalMilliseconds, userId]);
    }

    /// <summary>Stores what the database had after the lock was taken; false where the lock was lost.</summary>
    internal async Task<bool> FinishAsync(long userId, string token, DatabaseMoney money)
    {
        var keys = shards.Of(userId);
        var stored = await RedisScript.FinishBalanceLoad.RunAsync(
            connection.GetDatabase(),
            [keys.UserBalance(userId), keys.BalanceLoad(userId), keys.PendingDeduct(userId), keys.SyncSeq(userId)],
            [token, money.Balance - money.PendingUsage, money.PendingUsage, money.SyncSeq]);
        return (int)stored == 1;
    }
}
