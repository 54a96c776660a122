using System.Collections.Concurrent;

using HdrHistogram;

using Npgsql;

using SmsGateway.Core.Messages;

namespace SmsGateway.Load.Stack;

/// <summary>Follows some messages until the database says that they have ended: the latency that a customer sees who asks for the state.</summary>
internal sealed class Follower(NpgsqlDataSource database)
{
    private static readonly TimeSpan BetweenLooks = TimeSpan.FromMilliseconds(50);

    private readonly ConcurrentDictionary<Guid, long> _open = new();

    /// <summary>From the time a send was due, in ticks of 100 ns.</summary>
    public LongConcurrentHistogram Latency { get; } = new(1, TimeSpan.FromHours(1).Ticks, 3);

    /// <summary>Latency at a percentile in milliseconds.</summary>
    public double Milliseconds(double percentile) => Latency.GetValueAtPercentile(percentile) / (double)TimeSpan.TicksPerMillisecond;

    /// <summary>Follows a message from now on.</summary>
    public void Follow(Guid message, long due) => _open[message] = due;

    /// <summary>Looks until told to stop.</summary>
    public async Task RunAsync(CancellationToken stop)
    {
        using var timer = new PeriodicTimer(BetweenLooks);
        try
        {
            while (await timer.WaitForNextTickAsync(stop))
            {
                await LookAsync(stop);
            }
        }
        catch (OperationCanceledException)
        {
            // Told to stop.
        }
    }

    private async Task LookAsync(CancellationToken cancellationToken)
    {
        Guid[] open = [.. _open.Keys];
        if (open.Length == 0)
        {
            return;
        }

        await using var command = database.CreateCommand(
            "SELECT id FROM sms_messages WHERE id = ANY($1) AND created_at = ANY($2) AND state >= 'delivered'");
        command.Parameters.Add(new() { Value = open });
        command.Parameters.Add(new() { Value = open.Select(id => MessageId.CreatedAt(id).UtcDateTime).ToArray() });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            if (_open.TryRemove(reader.GetGuid(0), out long due))
            {
                Latency.RecordValue(Math.Max(1, TimeProvider.System.GetElapsedTime(due).Ticks));
            }
        }
    }
}
