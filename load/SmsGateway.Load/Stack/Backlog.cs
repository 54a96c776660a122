using Npgsql;

using SmsGateway.Core.Messages;

namespace SmsGateway.Load.Stack;

/// <summary>
/// Counts what has ended, cheaply while the table grows: a look counts only the youngest messages, for those of before are known to have ended.
/// </summary>
internal sealed class Backlog(NpgsqlDataSource database)
{
    /// <summary>Messages older than this that are in the database when all around them have ended are all that there are of their time.</summary>
    private static readonly TimeSpan Settled = TimeSpan.FromSeconds(20);

    private static readonly TimeSpan BetweenLooks = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan SettleLimit = TimeSpan.FromMinutes(5);

    private Guid _from = MessageId.First(DateTimeOffset.UnixEpoch);
    private long _before;

    /// <summary>Messages that have ended since the database was made.</summary>
    public async Task<long> EndedAsync(CancellationToken cancellationToken)
    {
        var settled = TimeProvider.System.GetUtcNow() - Settled;
        await using var command = database.CreateCommand(
            """
            SELECT count(*) FILTER (WHERE state >= 'delivered'), coalesce(min(created_at) FILTER (WHERE state < 'delivered'), 'infinity')
              FROM sms_messages WHERE id >= $1
            """);
        command.Parameters.Add(new() { Value = _from });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        await reader.ReadAsync(cancellationToken);
        long ended = _before + reader.GetInt64(0);
        var oldest = reader.GetFieldValue<DateTime>(1);
        await reader.DisposeAsync();
        await MoveOnAsync(oldest < settled.UtcDateTime ? new DateTimeOffset(oldest) : settled, cancellationToken);
        return ended;
    }

    /// <summary>Waits until so many have ended, but not for ever; returns how many have not.</summary>
    public async Task<long> SettleAsync(long accepted, CancellationToken cancellationToken)
    {
        long start = TimeProvider.System.GetTimestamp();
        using var timer = new PeriodicTimer(BetweenLooks);
        while (true)
        {
            long left = accepted - await EndedAsync(cancellationToken);
            if (left <= 0 || TimeProvider.System.GetElapsedTime(start) > SettleLimit)
            {
                return Math.Max(0, left);
            }

            await timer.WaitForNextTickAsync(cancellationToken);
        }
    }

    private async Task MoveOnAsync(DateTimeOffset to, CancellationToken cancellationToken)
    {
        var next = MessageId.First(to);
        await using var command = database.CreateCommand("SELECT count(*) FROM sms_messages WHERE id >= $1 AND id < $2");
        command.Parameters.Add(new() { Value = _from });
        command.Parameters.Add(new() { Value = next });
        _before += (long)(await command.ExecuteScalarAsync(cancellationToken))!;
        _from = next;
    }
}
