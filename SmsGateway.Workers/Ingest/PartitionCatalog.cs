using Microsoft.Extensions.Options;

using Npgsql;

using SmsGateway.Core.Messages;
using SmsGateway.Core.Schema;
using SmsGateway.Workers.Partitions;

namespace SmsGateway.Workers.Ingest;

/// <summary>Remembers which partitions this process has seen to, so that a missing one is made on demand and the others cost nothing.</summary>
internal sealed class PartitionCatalog(NpgsqlDataSource database, IOptions<PartitionsOptions> options)
{
    /// <summary>Replaced as a whole by any loop of this process; one of two that are quick together looks again.</summary>
    private volatile PartitionPlace[] _seen = [];

    /// <summary>Makes the partitions that these messages need, where they are missing; returns the messages of retired times, which have none.</summary>
    public async Task<IReadOnlyList<QueuedMessage>> EnsureAsync(IEnumerable<QueuedMessage> messages, CancellationToken cancellationToken)
    {
        var retired = new List<QueuedMessage>();
        var place = default(PartitionPlace);
        foreach (var message in messages)
        {
            if (!place.Partition.Holds(message.CreatedAt))
            {
                place = await FindAsync(message.CreatedAt, cancellationToken);
            }

            if (place.IsRetired)
            {
                retired.Add(message);
            }
        }

        return retired;
    }

    /// <summary>Forgets what it saw: a partition has gone since.</summary>
    public void Clear() => _seen = [];

    private async Task<PartitionPlace> FindAsync(DateTimeOffset instant, CancellationToken cancellationToken)
    {
        var seen = _seen;
        int index = Array.FindIndex(seen, place => place.Partition.Holds(instant));
        if (index >= 0)
        {
            return seen[index];
        }

        var place = await Core.Schema.Partitions.EnsureHoldingAsync(database, options.Value.Interval, instant, cancellationToken);
        _seen = [.. seen, place];
        return place;
    }
}
