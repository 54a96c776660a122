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
public readonly record struct LedgerEntry(long UserId, string Kind, Amount Amount, string Reference, string? Description);

/// <summary>What became of a top-up or adjustment.</summary>
public enum CreditResult
{
    Written,

    /// <summary>The same was written before.</summary>
    WrittenBefore,

    /// <summary>Another amount was written under the reference before.</summary>
    OtherAmount,

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

        var (held, before) = await LookAsync(connection, transaction, entry, cancellationToken);
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

        await transaction.CommitAsync(cancellationToken);
        return (CreditResult.Written, id);
    }

    /// <summary>What the account has, and the amount that was written under the reference before.</summary>
    private static async Task<(long Held, long? Before)> LookAsync(
        NpgsqlConnection connection, NpgsqlTransaction transaction, LedgerEntry entry, CancellationToken cancellationToken)
    {
        // A statement of its own, so that its snapshot is taken after the lock: what it sees of the account's credit is true until the commit.
        await using var look = Command(
            connection, transaction,
            """
            SELECT a.balance + coalesce((SELECT sum(amount) FROM credit_ledger l WHERE l.user_id = a.user_id AND l.sync_seq IS NULL), 0)::bigint,
                   (SELECT amount FROM credit_ledger l WHERE l.user_id = a.user_id AND l.kind = $2 AND l.reference = $3)
              FROM credit_accounts a WHERE a.user_id = $1
            """, entry.UserId, entry.Kind, entry.Reference);
        await using var reader = await look.ExecuteReaderAsync(cancellationToken);
        await reader.ReadAsync(cancellationToken);
        return (reader.GetInt64(0), reader.IsDBNull(1) ? null : reader.GetInt64(1));
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
