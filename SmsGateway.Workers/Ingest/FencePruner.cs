using Microsoft.Extensions.Options;

using Npgsql;

namespace SmsGateway.Workers.Ingest;

/// <summary>
/// Deletes fences that nothing can ask for any more: a claim lives for seconds, and only a Redis restored from a file that is older than the
/// retention could still hold one. Even that would not double a message, for its primary key is there. Several workers may prune at once.
/// </summary>
internal sealed class FencePruner(NpgsqlDataSource database, IOptions<IngestOptions> options, TimeProvider clock, ILogger<FencePruner> log)
    : PeriodicService(Interval, clock, log)
{
    private static readonly TimeSpan Interval = TimeSpan.FromMinutes(10);

    /// <summary>Rows in one statement: few enough to hold no lock for long.</summary>
    private const int BatchRows = 10_000;

    /// <summary>Deletes what is older than the retention; returns the number of fences.</summary>
    public async Task<int> PruneAsync(CancellationToken cancellationToken)
    {
        int pruned = 0;
        int batch;
        do
        {
            await using var command = database.CreateCommand(
                """
                DELETE FROM ingest_claims
                 WHERE claim_id IN (SELECT claim_id FROM ingest_claims WHERE landed_at < $1 ORDER BY landed_at LIMIT $2 FOR UPDATE SKIP LOCKED)
                """);
            command.Parameters.Add(new() { Value = Clock.GetUtcNow() - options.Value.FenceRetention });
            command.Parameters.Add(new() { Value = (long)BatchRows });
            batch = await command.ExecuteNonQueryAsync(cancellationToken);
            pruned += batch;
        }
        while (batch == BatchRows);

        return pruned;
    }

    protected internal override Task RunRoundAsync(CancellationToken cancellationToken) => PruneAsync(cancellationToken);
}
