using Microsoft.Extensions.Options;

using Npgsql;

namespace SmsGateway.Workers.Webhooks;

/// <summary>Deletes events that ended longer ago than the retention. Several workers may prune at once.</summary>
internal sealed class WebhookPruner(NpgsqlDataSource database, IOptions<WebhookOptions> options, TimeProvider clock, ILogger<WebhookPruner> log)
    : PeriodicService(Interval, clock, log)
{
    private static readonly TimeSpan Interval = TimeSpan.FromMinutes(10);

    /// <summary>Rows in one statement: few enough to hold no lock for long.</summary>
    private const int BatchRows = 10_000;

    /// <summary>Deletes what is older than the retention; returns the number of events.</summary>
    public async Task<int> PruneAsync(CancellationToken cancellationToken)
    {
        int pruned = 0;
        int batch;
        do
        {
            await using var command = database.CreateCommand(
                """
                DELETE FROM webhook_outbox o
                 USING (SELECT sms_id, state FROM webhook_outbox WHERE done_at < $1 ORDER BY done_at LIMIT $2 FOR UPDATE SKIP LOCKED) old
                 WHERE o.sms_id = old.sms_id AND o.state = old.state
                """);
            command.Parameters.Add(new() { Value = Clock.GetUtcNow() - options.Value.Retention });
            command.Parameters.Add(new() { Value = (long)BatchRows });
            batch = await command.ExecuteNonQueryAsync(cancellationToken);
            pruned += batch;
        }
        while (batch == BatchRows);

        return pruned;
    }

    protected internal override Task RunRoundAsync(CancellationToken cancellationToken) => PruneAsync(cancellationToken);
}
