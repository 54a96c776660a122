using Microsoft.Extensions.Options;

using SmsGateway.Api.Errors;
using SmsGateway.Core.Credits;
using SmsGateway.Core.Redis;

namespace SmsGateway.Api.Credits;

/// <summary>
/// Tells balances: what Redis holds is the truth for spending, and the database is asked as of the sync that Redis reflects, so that the
/// numbers fit together at any moment. Where Redis holds no balance, the database tells the same sum.
/// </summary>
internal sealed class Balances(MoneyReader money, IOptions<RedisOptions> options, TimeProvider time)
{
    /// <summary>The account's money; null where there is no such account.</summary>
    public async Task<BalanceView?> FindAsync(long userId, CancellationToken cancellationToken)
    {
        var live = await FindInRedisAsync(userId, cancellationToken);
        DatabaseMoney? stored = null;
        try
        {
            stored = await money.ReadDatabaseAsync(userId, live.Balance is null ? MoneyReader.Latest : live.SyncSeq, cancellationToken);
        }
        catch (Exception down) when (live.Balance is not null && Outage.IsDatabaseOutage(down))
        {
            // Redis alone knows what can be spent.
        }

        if (live.Balance is { } balance)
        {
            return new() { Balance = new(balance), Pending = new(live.Pending), DatabaseBalance = stored is { } known ? new(known.BalanceAsOf) : null };
        }

        if (stored is not { } row)
        {
            return null;
        }

        // What is buffered may have its ledger row already: then the sum is too low for a moment, but never too high nor below zero.
        long pending = Math.Min(row.PendingUsage + live.Buffered, row.Balance);
        return new() { Balance = new(row.Balance - pending), Pending = new(pending), DatabaseBalance = new(row.Balance) };
    }

    /// <summary>No balance where Redis holds none, or one that is no number, or cannot be asked.</summary>
    private async Task<RedisMoney> FindInRedisAsync(long userId, CancellationToken cancellationToken)
    {
        try
        {
            var live = await money.ReadRedisAsync(userId).WaitAsync(options.Value.Timeout, time, cancellationToken);
            return live.IsGarbled ? default : live;
        }
        catch (Exception down) when (RedisFailure.Is(down))
        {
            return default;
        }
    }
}
