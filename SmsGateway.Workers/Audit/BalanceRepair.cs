using SmsGateway.Core.Credits;
using SmsGateway.Core.Redis;

using StackExchange.Redis;

namespace SmsGateway.Workers.Audit;

/// <summary>
/// Mends what Redis holds of an account: takes it out, so that it is loaded anew from the database. The account accepts nothing meanwhile, so
/// what is buffered of it drains, and the loader waits for that. Nothing is lost if this stops anywhere: the next send loads the balance.
/// </summary>
internal sealed class BalanceRepair(IConnectionMultiplexer connection, BalanceLoader loader, Shards shards, TimeProvider clock)
{
    /// <summary>How long what is buffered is waited for.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(50);

    public async Task<BalanceLoadResult> RunAsync(long userId, CancellationToken cancellationToken)
    {
        var keys = shards.Of(userId);
        await connection.GetDatabase().KeyDeleteAsync([keys.UserBalance(userId), keys.PendingDeduct(userId), keys.SyncSeq(userId)]);
        long started = clock.GetTimestamp();
        while (true)
        {
            var result = await loader.LoadAsync(userId, cancellationToken);
            if (result != BalanceLoadResult.Busy || clock.GetElapsedTime(started) > Patience)
            {
                return result;
            }

            await Task.Delay(Pause, clock, cancellationToken);
        }
    }
}
