using Npgsql;

using SmsGateway.Core.Redis;
using SmsGateway.Workers.Claims;
using SmsGateway.Workers.Dispatch;

using StackExchange.Redis;

namespace SmsGateway.Workers.Recovery;

/// <summary>Processes what dead workers, and lost answers, have left in claims.</summary>
internal sealed class TakeOver(
    IConnectionMultiplexer connection, NpgsqlDataSource database, IEnumerable<IClaimLoop> loops, DeadDispatcher deadDispatcher,
    WorkerIdentity worker, ActiveClaims active, ILogger<TakeOver> log)
{
    public async Task RunAsync(RedisKeys keys, IReadOnlyList<string> deadWorkers, CancellationToken cancellationToken)
    {
        foreach (var loop in loops)
        {
            await RecoverClaimsAsync(loop, keys, cancellationToken);
        }

        foreach (string dead in deadWorkers)
        {
            // Looked at again, for the claims above may have taken long enough for it to come back.
            if (await ForgetAsync(keys, dead) == DeadCode.HoldsMessages)
            {
                await deadDispatcher.RecoverAsync(keys, dead, cancellationToken);
                await ForgetAsync(keys, dead);
            }
        }
    }

    private async Task<DeadCode> ForgetAsync(RedisKeys keys, string dead) => (DeadCode)(int)await RedisScript.ForgetWorker.RunAsync(
        connection.GetDatabase(), [keys.Workers, keys.DispatchClaim(dead)], [dead]);

    private async Task RecoverClaimsAsync(IClaimLoop loop, RedisKeys keys, CancellationToken cancellationToken)
    {
        var redis = connection.GetDatabase();
        var claims = await redis.HashGetAllAsync(loop.Registry(keys));
        foreach (string owner in claims.Select(claim => (string)claim.Value!).Distinct())
        {
            if (owner != worker.Id)
            {
                // The script itself looks at the lease: from a live worker it takes nothing.
                var taken = (RedisValue[])(await RedisScript.TakeOver.RunAsync(redis, [keys.Workers, loop.Registry(keys)], [owner, worker.Id]))!;
                await RecoverAllAsync(loop, keys, taken, owner, cancellationToken);
            }
        }

        var forgotten = claims.Where(claim => claim.Value == worker.Id && !active.Contains(Guid.Parse((string)claim.Name!)));
        await RecoverAllAsync(loop, keys, [.. forgotten.Select(claim => claim.Name)], worker.Id, cancellationToken);
    }

    private async Task RecoverAllAsync(IClaimLoop loop, RedisKeys keys, RedisValue[] claims, string owner, CancellationToken cancellationToken)
    {
        if (claims.Length > 0 && owner != worker.Id)
        {
            Log.TookOver(log, claims.Length, owner);
            await EndSessionsAsync(owner, cancellationToken);
        }

        foreach (var claim in claims)
        {
            await loop.RecoverAsync(keys, Guid.Parse((string)claim!), cancellationToken);
        }
    }

    /// <summary>
    /// Ends the database sessions of a worker that is not there any more, or is paused: an open transaction of its would hold up whoever lands
    /// its claim. Should it wake up, the fence tells it that it came late.
    /// </summary>
    private async Task EndSessionsAsync(string dead, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = $1 AND usename = current_user");
        command.Parameters.Add(new() { Value = dead });
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    private enum DeadCode
    {
        Alive = 0,
        HoldsMessages = 1,
        Forgotten = 2,
    }
}
