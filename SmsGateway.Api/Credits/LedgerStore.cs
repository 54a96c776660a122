using Npgsql;

using SmsGateway.Api.Lists;
using SmsGateway.Core.Credits;

namespace SmsGateway.Api.Credits;

/// <summary>Which transactions a list shows; the kind is one of <see cref="Core.Credits.LedgerKinds"/>, or null for all.</summary>
internal readonly record struct TransactionFilter(long UserId, DateTimeOffset From, DateTimeOffset To, string? Kind);

/// <summary>Reads the ledger.</summary>
internal sealed class LedgerStore(NpgsqlDataSource database)
{
    /// <summary>The next transactions from a cursor, nearest to it first.</summary>
    public async Task<List<TransactionView>> ListAsync(
        TransactionFilter filter, ListCursor<long>? cursor, int limit, CancellationToken cancellationToken)
    {
        if (filter.Kind is { } kindOnly && !LedgerKinds.All.Contains(kindOnly))
        {
            throw new ArgumentException("the kind is none of LedgerKinds", nameof(filter));
        }

        bool older = cursor is not { Direction: PageDirection.Newer };
        // The kind is written into the text, so that the index of what is no usage can serve it; it is one of LedgerKinds.
        await using var command = database.CreateCommand(
            $"""
            SELECT id, kind, amount, reference, description, created_at FROM credit_ledger
             WHERE user_id = $1 AND created_at >= $2 AND created_at < $3 {(filter.Kind is { } only ? $"AND kind = '{only}'" : "")}
               {(cursor is null ? "" : $"AND (created_at, id) {(older ? "<" : ">")} (SELECT created_at, id FROM credit_ledger WHERE id = $5 AND user_id = $1)")}
             ORDER BY created_at {(older ? "DESC" : "ASC")}, id {(older ? "DESC" : "ASC")} LIMIT $4
            """);
        command.Parameters.Add(new() { Value = filter.UserId });
        command.Parameters.Add(new() { Value = filter.From });
        command.Parameters.Add(new() { Value = filter.To });
        command.Parameters.Add(new() { Value = (long)limit });
        if (cursor is { } beyond)
        {
            command.Parameters.Add(new() { Value = beyond.Key });
        }

        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var transactions = new List<TransactionView>(limit);
        while (await reader.ReadAsync(cancellationToken))
        {
            string kind = reader.GetString(1);
            string reference = reader.GetString(3);
            transactions.Add(new()
            {
                Id = reader.GetInt64(0),
                Kind = kind,
                Amount = new(reader.GetInt64(2)),
                Reference = kind == LedgerKinds.TopUp ? TopUpReference.Shown(reference) : reference,
                Description = reader.IsDBNull(4) ? null : reader.GetString(4),
                CreatedAt = reader.GetFieldValue<DateTimeOffset>(5),
            });
        }

        return transactions;
    }
}
