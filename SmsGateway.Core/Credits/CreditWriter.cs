using Npgsql;

using SmsGateway.Core.Money;

namespace SmsGateway.Core.Credits;

/// <summary>The kinds of ledger rows, as the database and clients spell them.</summary>
public static class LedgerKinds
{
    public const string Usage = "usage";
    public const string TopUp = "topup";
    public const string Refund = "refund";
    public const string Adjustment = "adjustment";

    public static IReadOnlyList<string> All { get; } = [Usage, TopUp, Refund, Adjustment];
}

/// <summary>A ledger row that is to be written. Its reference is unique for the account and kind: by it a repeated request is recognised.</summary>
public readonly record struct LedgerEntry(long UserId, string Kind, Amount Amount, string Reference, string? Description)
{
    /// <summary>The request that asks for it; null where it has no name.</summary>
    public NamedRequest? Request { get; init; }
}

/// <summary>A request that its caller has given a name, which is good for this one request only.</summary>
/// <param name="CallerId">The account that asks; not always the one whose money it is.</param>
/// <param name="Name">What the caller calls it.</param>
/// <param name="Fingerprint">The same for a repetition, another one for anything else.</param>
public readonly record struct NamedRequest(long CallerId, string Name, string Fingerprint);

/// <summary>What became of a top-up or adjustment.</summary>
public enum CreditResult
{
    Written,

    /// <summary>The same was written before.</summary>
    WrittenBefore,

    /// <summary>Another amount was written under the reference before.</summary>
    OtherAmount,

    /// <summary>The request's name was used for another request before.</summary>
    OtherRequest,

    UnknownAccount,

    /// <summary>The balance would be beyond <see cref="Amount.MaxUnits"/>.</summary>
    BalanceTooLarge,

    /// <summary>The account cannot spend so much now.</summary>
    BalanceTooLow,

    /// <summary>Redis is being rebuilt, or the balance could not be loaded in time. Nothing has changed; try again.</summary>
    NotNow,
}

/// <summary>Adds money to accounts: the ledger only. Redis learns of it by <see cref="CreditSync"/>.</summary>
public sealed class CreditWriter(NpgsqlDataSource database)
{
    /// <summary>Writes a positive row once, however often it is asked for; returns the id of a row that this call has written.</summary>
    /// <exception cref="NpgsqlException">The database cannot be asked.</exception>
    public async Task<(CreditResult Result, long LedgerId)> AddAsync(LedgerEntry entry, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(entry.Amount.Units);
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);

        await using var open = Command(
            connection, transaction,
            "INSERT INTO credit_accounts (user_id) SELECT user_id FROM accounts WHERE user_id = $1 ON CONFLICT DO NOTHING", entry.UserId);
        await open.ExecuteNonQueryAsync(cancellationToken);
        await using var take = Command(
            connection, transaction, "SELECT balance FROM credit_accounts WHERE user_id = $1 FOR NO KEY UPDATE", entry.UserId);
        if (await take.ExecuteScalarAsync(cancellationToken) is null)
        {
            return (CreditResult.UnknownAccount, 0);
        }

        var (held, before, asked) = await LookAsync(connection, transaction, entry, cancellationToken);
        if (asked is not null)
        {
            return (asked == entry.Request!.Value.Fingerprint ? CreditResult.WrittenBefore : CreditResult.OtherRequest, 0);
        }

        if (before is { } written)
        {
            return (written == entry.Amount.Units ? CreditResult.WrittenBefore : CreditResult.OtherAmount, 0);
        }

        if (held > Amount.MaxUnits - entry.Amount.Units)
        {
            return (CreditResult.BalanceTooLarge, 0);
        }

        await using var insert = Command(
            connection, transaction,
            """
            INSERT INTO credit_ledger (user_id, kind, amount, reference, description) VALUES ($1, $2, $3, $4, $5)
            ON CONFLICT DO NOTHING RETURNING id
            """, entry.UserId, entry.Kind, entry.Amount.Units, entry.Reference, entry.Description ?? (object)DBNull.Value);
        if (await insert.ExecuteScalarAsync(cancellationToken) is not long id)
        {
            // Only a negative adjustment is written without the lock.
            return (CreditResult.OtherAmount, 0);
        }

        if (entry.Request is { } request && !await RememberAsync(connection, transaction, request, id, cancellationToken))
        {
            // The caller has used the name for another account at the same time.
            return (CreditResult.OtherRequest, 0);
        }

        await transaction.CommitAsync(cancellationToken);
        return (CreditResult.Written, id);
    }

    /// <summary>False where the name is taken. Waits for a transaction that is about to take it.</summary>
    private static async Task<bool> RememberAsync(
        NpgsqlConnection connection, NpgsqlTransaction transaction, NamedRequest request, long ledgerId, CancellationToken cancellationToken)
    {
        await using var remember = Command(
            connection, transaction,
            "INSERT INTO charge_requests (user_id, request_id, fingerprint, ledger_id) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING",
            request.CallerId, request.Name, request.Fingerprint, ledgerId);
        return await remember.ExecuteNonQueryAsync(cancellationToken) == 1;
    }

    /// <summary>What the account has, the amount that was written under the reference before, and what was asked for under the request's name.</summary>
    private static async Task<(long Held, long? Before, string? Asked)> LookAsync(
        NpgsqlConnection connection, NpgsqlTransaction transaction, LedgerEntry entry, CancellationToken cancellationToken)
    {
        // A statement of its own, so that its snapshot is taken after the lock: what it sees of the account's credit is true until the commit.
        await using var look = Command(
            connection, transaction,
            """
            SELECT a.balance + coalesce((SELECT sum(amount) FROM credit_ledger l WHERE l.user_id = a.user_id AND l.sync_seq IS NULL), 0)::bigint,
                   (SELECT amount FROM credit_ledger l WHERE l.user_id = a.user_id AND l.kind = $2 AND l.reference = $3),
                   (SELECT fingerprint FROM charge_requests r WHERE r.user_id = $4 AND r.request_id = $5)
              FROM credit_accounts a WHERE a.user_id = $1
            """,
            entry.UserId, entry.Kind, entry.Reference, entry.Request?.CallerId ?? (object)DBNull.Value, entry.Request?.Name ?? (object)DBNull.Value);
        await using var reader = await look.ExecuteReaderAsync(cancellationToken);
        await reader.ReadAsync(cancellationToken);
        return (reader.GetInt64(0), reader.IsDBNull(1) ? null : reader.GetInt64(1), reader.IsDBNull(2) ? null : reader.GetString(2));
    }

    private static NpgsqlCommand Command(NpgsqlConnection connection, NpgsqlTransaction transaction, string sql, params ReadOnlySpan<object> values)
    {
        var command = new NpgsqlCommand(sql, connection, transaction);
        foreach (object value in values)
        {
            command.Parameters.Add(new() { Value = value });
        }

        return command;
    }
}
