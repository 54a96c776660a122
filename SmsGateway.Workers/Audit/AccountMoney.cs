using SmsGateway.Core.Credits;

namespace SmsGateway.Workers.Audit;

/// <summary>
/// Both sides of an account's money, read in the order Redis, database, Redis. What must hold between them holds at any moment, however
/// much goes on meanwhile, so a difference is never an accident of the reading.
/// </summary>
/// <param name="UserId">The account; Redis holds its balance.</param>
/// <param name="Redis">Redis, read before the database.</param>
/// <param name="Database">The database as of the sync that <paramref name="Redis"/> reflects.</param>
/// <param name="After">Redis, read after the database.</param>
internal sealed record AccountMoney(long UserId, RedisMoney Redis, DatabaseMoney Database, RedisMoney After)
{
    /// <summary>
    /// How much more can be spent than the database tells, in minor units. Exact: the balance as of a sync is the sum of rows that never
    /// change again, and one script read the two numbers of Redis and the sync that they reflect.
    /// </summary>
    public long BalanceDrift => Redis.Balance!.Value - (Database.BalanceAsOf - Redis.Pending);

    /// <summary>
    /// How much more Redis holds as pending than will ever be applied (positive), or how much less (negative), in minor units.
    /// What is pending and not buffered has left Redis by a hand-over, so its ledger row was there when the database was read later; and a
    /// row that the database had is either handed over or still buffered when Redis is read later. So neither difference can be passing;
    /// while something of the account is buffered a drift smaller than that may go unseen.
    /// </summary>
    public long PendingDrift
    {
        get
        {
            long excess = Redis.Pending - Redis.Buffered - Database.PendingUsage;
            if (excess > 0)
            {
                return excess;
            }

            bool isComparable = After.Balance is not null && After.SyncSeq == Redis.SyncSeq;
            return isComparable ? Math.Min(After.Pending - Database.PendingUsage, 0) : 0;
        }
    }

    /// <summary>
    /// Whether anything in Redis is no number, anything spendable, pending or buffered is below zero, or Redis reflects a sync that the database does
    /// not have.
    /// </summary>
    public bool IsImpossible => Redis.IsGarbled || Redis.Balance < 0 || Redis.Pending < 0 || Redis.Buffered < 0 || Redis.SyncSeq > Database.SyncSeq;

    public bool Drifts => BalanceDrift != 0 || PendingDrift != 0 || IsImpossible;
}
