using System.Collections.Concurrent;

using Microsoft.Extensions.Options;

using Npgsql;

using SmsGateway.Core.Messages;
using SmsGateway.Core.Schema;
using SmsGateway.Workers.Partitions;

namespace SmsGateway.Workers.Ingest;

/// <summary>Remembers which partitions this process has seen to, so that a missing one is made on demand and the others cost nothing.</summary>
internal sealed class PartitionCatalog(NpgsqlDataSource database, IOptions<PartitionsOptions> options)
{
    private readonly ConcurrentDictionary<string, bool> _seen = new();

    /// <summary>Makes the partitions that these messages need, where they are missing.</summary>
    public async Task EnsureAsync(IEnumerable<QueuedMessage> messages, CancellationToken cancellationToken)
    {
        var interval = options.Value.Interval;
        var needed = default(Partition);
        foreach (var message in messages)
        {
            var created = message.CreatedAt;
            if (created >= needed.From && created < needed.To)
            {
                continue;
            }

            needed = Partition.Holding(created, interval);
            if (!_seen.ContainsKey(needed.Name))
            {
                await Core.Schema.Partitions.EnsureAsync(database, interval, created, created, cancellationToken);
                _seen[needed.Name] = true;
            }
        }
    }

    /// <summary>Forgets what it saw: a partition has gone since.</summary>
    public void Clear() => _seen.Clear();
}
