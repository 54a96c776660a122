using Microsoft.Extensions.Options;

using Npgsql;

using SmsGateway.Workers.Audit;

namespace SmsGateway.Workers.Credits;

/// <summary>
/// Holds Redis and database against each other for some accounts at a time, round and round, so that drift is an alarm before it is a complaint.
/// Bounded: one statement and one row of calls to Redis a round, and no more accounts remembered than drift or are pending.
/// </summary>
internal sealed class DriftMonitor(
    Reconciliation reconciliation, NpgsqlDataSource database, CreditMetrics metrics, IOptions<CreditsOptions> options, TimeProvider clock,
    ILogger<DriftMonitor> log) : PeriodicService(options.Value.DriftInterval, clock, log)
{
    private readonly Dictionary<long, long> _drifts = [];
    private readonly Dictionary<long, long> _pending = [];

    /// <summary>The last account of the round before.</summary>
    private long _last;

    /// <summary>Looks at the next accounts, from the first again after the last.</summary>
    protected internal override async Task RunRoundAsync(CancellationToken cancellationToken)
    {
        var batch = await reconciliation.ReadBatchAsync(_last, options.Value.DriftAccounts, cancellationToken);
        var known = _drifts.Keys.ToHashSet();
        Forget(batch);
        foreach (var account in batch.Loaded)
        {
            Note(account, known);
        }

        _last = batch.Count == options.Value.DriftAccounts ? batch.Last : 0;
        metrics.Totals = new(_drifts.Count, _drifts.Values.Sum(), _pending.Values.Sum(), await ReadSyncLagAsync(cancellationToken));
    }

    /// <summary>What was known of the accounts of this round, and of all that come after where they are the last.</summary>
    private void Forget(AccountBatch batch)
    {
        bool isLast = batch.Count < options.Value.DriftAccounts;
        foreach (var known in new[] { _drifts, _pending })
        {
            foreach (long userId in known.Keys.Where(id => id > _last && (isLast || id <= batch.Last)).ToArray())
            {
                known.Remove(userId);
            }
        }
    }

    /// <summary>Logs an account when its drift is new, not every time that it is seen.</summary>
    private void Note(AccountMoney account, HashSet<long> known)
    {
        if (account.Redis.Pending != 0)
        {
            _pending[account.UserId] = account.Redis.Pending;
        }

        if (account.Drifts)
        {
            _drifts[account.UserId] = Math.Max(Math.Abs(account.BalanceDrift), Math.Abs(account.PendingDrift));
            if (!known.Contains(account.UserId))
            {
                Log.CreditDrifts(Logger, account.UserId, account.BalanceDrift, account.PendingDrift);
            }
        }
    }

    private async Task<double> ReadSyncLagAsync(CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand(
            "SELECT coalesce(extract(epoch FROM now() - min(created_at)), 0)::float8 FROM credit_ledger WHERE sync_seq IS NULL");
        return (double)(await command.ExecuteScalarAsync(cancellationToken))!;
    }
}
