using System.Diagnostics.Metrics;

namespace SmsGateway.Workers.Credits;

/// <summary>What the drift monitor has found; written by it alone, read by whoever collects metrics. Money in minor units.</summary>
internal sealed class CreditMetrics
{
    private readonly Lock _lock = new();
    private DriftTotals _totals;

    public CreditMetrics(IMeterFactory meters)
    {
        var meter = meters.Create(WorkersTelemetry.MeterName);
        meter.CreateObservableGauge("sms_credit_drifting_accounts", () => Totals.Accounts, "{account}", "Accounts whose money in Redis drifts from the database");
        meter.CreateObservableGauge(
            "sms_credit_drift", () => Totals.Drift, "{unit}", "Minor units by which Redis and database differ, over all accounts, each counted positive");
        meter.CreateObservableGauge("sms_credit_pending", () => Totals.Pending, "{unit}", "Minor units charged and not yet in the database balances");
        meter.CreateObservableGauge("sms_credit_sync_lag", () => Totals.SyncLag, "s", "Age of the oldest ledger row that is not applied");
    }

    public DriftTotals Totals
    {
        get
        {
            lock (_lock)
            {
                return _totals;
            }
        }

        set
        {
            lock (_lock)
            {
                _totals = value;
            }
        }
    }
}

/// <summary>What the drift monitor knows.</summary>
/// <param name="Accounts">Accounts that drift.</param>
/// <param name="Drift">Minor units, the drift of each account counted positive.</param>
/// <param name="Pending">Minor units pending as of the last look at each account.</param>
/// <param name="SyncLag">Seconds since the oldest unapplied ledger row was written; 0 where there is none.</param>
internal readonly record struct DriftTotals(long Accounts, long Drift, long Pending, double SyncLag);
