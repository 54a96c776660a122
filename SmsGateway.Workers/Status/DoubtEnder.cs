using Microsoft.Extensions.Options;

using Npgsql;

using SmsGateway.Core.Messages;
using SmsGateway.Core.Redis;

using StackExchange.Redis;

namespace SmsGateway.Workers.Status;

/// <summary>
/// Ends what has been unknown for so long that nothing will be learnt of it any more: no receipt has come, and it is not valid any longer, so it is
/// not asked for again either. All workers do so; what they say takes the way of all outcomes, where saying it twice is harmless and a receipt that
/// came before it wins.
/// </summary>
internal sealed class DoubtEnder(
    NpgsqlDataSource database, IConnectionMultiplexer connection, Shards shards, IOptions<StatusOptions> options, TimeProvider clock, ILogger<DoubtEnder> log)
    : PeriodicService(TimeSpan.FromMinutes(1), clock, log)
{
    /// <summary>The error code of what ended so.</summary>
    public const string ErrorCode = "outcome_unknown";

    private const int MostAtOnce = 1_000;

    /// <summary>How long all workers may have been away before something is overlooked; bounds how much of the index is read.</summary>
    private static readonly TimeSpan LookBack = TimeSpan.FromDays(30);

    protected internal override async Task RunRoundAsync(CancellationToken cancellationToken)
    {
        var now = Clock.GetUtcNow();
        var ended = await FindAsync(now, cancellationToken);
        foreach (var group in ended.GroupBy(message => shards.Of(message.UserId)))
        {
            RedisValue[] outcomes = [.. group.Select(message => (RedisValue)MessageJson.Write(EndOf(message.Id, now)))];
            await connection.GetDatabase().ListRightPushAsync(group.Key.StatusBuffer, outcomes).WaitAsync(cancellationToken);
        }

        if (ended.Count > 0)
        {
            Log.DoubtEnded(Logger, ended.Count, options.Value.UnknownLimit, options.Value.UnknownEnd);
        }
    }

    private Outcome EndOf(Guid id, DateTimeOffset now) => new()
    {
        Id = id,
        State = options.Value.UnknownEnd == UnknownEnd.Failed ? MessageState.Failed : MessageState.Undelivered,
        At = now,
        ErrorCode = ErrorCode,
    };

    private async Task<List<(Guid Id, long UserId)>> FindAsync(DateTimeOffset now, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand(
            """
            SELECT id, user_id FROM sms_messages
             WHERE unknown_at BETWEEN $1 AND $2 AND state = 'unknown' AND valid_until < $3
             ORDER BY unknown_at LIMIT $4
            """);
        var last = now - options.Value.UnknownLimit;
        command.Parameters.Add(new() { Value = last - LookBack });
        command.Parameters.Add(new() { Value = last });
        command.Parameters.Add(new() { Value = now });
        command.Parameters.Add(new() { Value = (long)MostAtOnce });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var found = new List<(Guid, long)>();
        while (await reader.ReadAsync(cancellationToken))
        {
            found.Add((reader.GetGuid(0), reader.GetInt64(1)));
        }

        return found;
    }
}
