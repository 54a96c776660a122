using System.Text.Json;
using System.Text.Json.Serialization;

using Npgsql;

using SmsGateway.Core.Redis;

using StackExchange.Redis;

namespace SmsGateway.Core.Credits;

/// <summary>
/// Adjustments of balances by an operator, each once a reference. A positive one is a ledger row, like a top-up. A negative one races with
/// sends, so it is taken out of the spendable balance first, by a script that remembers it; then its ledger row is written, then it is
/// forgotten in Redis. Whoever finds one that is remembered completes it, so a process may die after any step. A process that was paused while Redis
/// lost time, and with it what was taken, writes nothing: the epoch in PostgreSQL, read before Redis was asked, must be the same still.
/// </summary>
public sealed class Adjuster(
    IConnectionMultiplexer connection, NpgsqlDataSource database, Shards shards, EpochGate gate, BalanceLoader balances, CreditWriter writer,
    CreditSync sync, TimeProvider clock)
{
    /// <summary>How long a balance that is being loaded is waited for.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(50);

    internal enum BeginCode
    {
        Taken = 1,
        TakenBefore = 2,
        BalanceTooLow = 4,
        NotLoaded = 5,
        Closed = 7,
        AskLedgerAgain = 8,
    }

    /// <summary>Adjusts a balance and syncs it. Repeating it with the same reference and amount is harmless.</summary>
    /// <exception cref="NpgsqlException">The database cannot be asked.</exception>
    /// <exception cref="RedisException">Redis cannot be asked. What was taken is completed by the periodic sync.</exception>
    public async Task<CreditResult> AdjustAsync(LedgerEntry entry, CancellationToken cancellationToken)
    {
        var result = entry.Amount.Units > 0
            ? (await writer.AddAsync(entry, cancellationToken)).Result
            : await TakeAsync(entry, cancellationToken);
        if (result is CreditResult.Written or CreditResult.WrittenBefore)
        {
            await sync.SyncAccountAsync(entry.UserId, cancellationToken);
        }

        return result;
    }

    /// <summary>
    /// Completes every negative adjustment that a process has left after it was taken. What is no adjustment, which only a hand can have written, is
    /// left alone and must not hold up the others.
    /// </summary>
    /// <returns>How many were found, and how many of them cannot be read.</returns>
    public async Task<(int Found, int Unreadable)> CompleteAllAsync(CancellationToken cancellationToken)
    {
        int found = 0;
        int unreadable = 0;
        foreach (var keys in shards.All)
        {
            string epoch = await ReadEpochAsync(keys, cancellationToken);
            foreach (var payload in await connection.GetDatabase().HashValuesAsync(keys.Adjustments))
            {
                found++;
                if (TryRead(payload) is { } adjustment)
                {
                    await CompleteAsync(adjustment with { Epoch = epoch }, cancellationToken);
                }
                else
                {
                    unreadable++;
                }
            }
        }

        return (found, unreadable);
    }

    /// <summary>What a negative adjustment has taken from whom, as Redis remembers it; null where it is none.</summary>
    public static (long UserId, long Units)? FindTaken(byte[] payload) => TryRead(payload) is { } taken ? (taken.UserId, -taken.Units) : null;

    private static Adjustment? TryRead(RedisValue payload)
    {
        try
        {
            return AdjustmentJson.Read(payload);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private async Task<CreditResult> TakeAsync(LedgerEntry entry, CancellationToken cancellationToken)
    {
        var adjustment = new Adjustment(entry.UserId, entry.Amount.Units, entry.Reference, entry.Description);
        long started = clock.GetTimestamp();
        while (clock.GetElapsedTime(started) < Patience)
        {
            // Before the ledger: an adjustment that leaves Redis after this is noticed by the script, one that left before is in the ledger.
            var finished = await ReadFinishedAsync(entry.UserId);
            string epoch = await ReadEpochAsync(shards.Of(entry.UserId), cancellationToken);
            if (await FindAsync(entry.UserId, entry.Reference, cancellationToken) is { } written)
            {
                return written == entry.Amount.Units ? CreditResult.WrittenBefore : CreditResult.OtherAmount;
            }

            try
            {
                if (await TryTakeAsync(adjustment with { Epoch = epoch }, finished, cancellationToken) is { } result)
                {
                    return result;
                }
            }
            catch (GateClosedException)
            {
                return CreditResult.NotNow;
            }
        }

        return CreditResult.NotNow;
    }

    /// <summary>Null where it is worth trying again.</summary>
    private async Task<CreditResult?> TryTakeAsync(Adjustment adjustment, RedisValue finished, CancellationToken cancellationToken)
    {
        var (code, before) = await BeginAsync(adjustment, finished);
        switch (code)
        {
            case BeginCode.Taken:
                return await CompleteAsync(adjustment, cancellationToken);
            case BeginCode.TakenBefore:
                var result = await CompleteAsync(before! with { Epoch = adjustment.Epoch }, cancellationToken);
                return before.Units == adjustment.Units ? result : CreditResult.OtherAmount;
            case BeginCode.BalanceTooLow:
                return CreditResult.BalanceTooLow;
            case BeginCode.NotLoaded:
                return await LoadAsync(adjustment.UserId, cancellationToken);
            case BeginCode.AskLedgerAgain:
                return null;
            default:
                return CreditResult.NotNow;
        }
    }

    /// <summary>Read before the ledger is asked, and given to the script that takes.</summary>
    internal async Task<RedisValue> ReadFinishedAsync(long userId)
    {
        var value = await connection.GetDatabase().StringGetAsync(shards.Of(userId).FinishedAdjustments);
        return value.IsNull ? 0 : value;
    }

    internal async Task<(BeginCode Code, Adjustment? Before)> BeginAsync(Adjustment adjustment, RedisValue finished)
    {
        var keys = shards.Of(adjustment.UserId);
        var result = (RedisValue[]?)await gate.RunAsync(
            RedisScript.BeginAdjustment,
            [
                keys.UserBalance(adjustment.UserId), keys.PendingDeduct(adjustment.UserId), keys.BufferedCost,
                keys.Adjustments, keys.FinishedAdjustments, keys.Epoch,
            ],
            [adjustment.Field, AdjustmentJson.Write(adjustment), -adjustment.Units, adjustment.UserId, finished])
            ?? throw new InvalidOperationException("begin_adjustment.lua returned no array");
        var code = (BeginCode)(int)result[0];
        return (code, code == BeginCode.TakenBefore ? AdjustmentJson.Read(result[1]) : null);
    }

    /// <summary>Writes the ledger row of what was taken, or takes it back where the ledger has another row under the reference.</summary>
    internal async Task<CreditResult> CompleteAsync(Adjustment adjustment, CancellationToken cancellationToken)
    {
        var result = await WriteAsync(adjustment, cancellationToken);
        if (result != CreditResult.NotNow)
        {
            var keys = shards.Of(adjustment.UserId);
            await RedisScript.FinishAdjustment.RunAsync(
                connection.GetDatabase(),
                [keys.Adjustments, keys.BufferedCost, keys.FinishedAdjustments, keys.UserBalance(adjustment.UserId), keys.PendingDeduct(adjustment.UserId)],
                [adjustment.Field, adjustment.UserId, -adjustment.Units, result == CreditResult.Written ? "written" : "refused"]);
        }

        return result;
    }

    /// <summary>
    /// <see cref="CreditResult.Written"/> where the ledger has the adjustment, now or since before; <see cref="CreditResult.NotNow"/> where Redis has
    /// lost time since, and what was taken with it.
    /// </summary>
    internal async Task<CreditResult> WriteAsync(Adjustment adjustment, CancellationToken cancellationToken)
    {
        // The epoch's row is locked until the commit: a rebuild takes it before it reads what there is.
        await using var command = database.CreateCommand(
            """
            INSERT INTO credit_ledger (user_id, kind, amount, reference, description)
            SELECT $1, 'adjustment', $2, $3, $4 FROM redis_epochs WHERE shard = $5 AND epoch_id = $6 FOR KEY SHARE
            ON CONFLICT DO NOTHING
            """);
        command.Parameters.Add(new() { Value = adjustment.UserId });
        command.Parameters.Add(new() { Value = adjustment.Units });
        command.Parameters.Add(new() { Value = adjustment.Reference });
        command.Parameters.Add(new() { Value = adjustment.Description ?? (object)DBNull.Value });
        command.Parameters.Add(new() { Value = shards.Of(adjustment.UserId).Shard });
        command.Parameters.Add(new() { Value = adjustment.Epoch });
        if (await command.ExecuteNonQueryAsync(cancellationToken) == 1)
        {
            return CreditResult.Written;
        }

        return await FindAsync(adjustment.UserId, adjustment.Reference, cancellationToken) switch
        {
            null => CreditResult.NotNow,
            { } units => units == adjustment.Units ? CreditResult.Written : CreditResult.OtherAmount,
        };
    }

    /// <summary>The epoch that PostgreSQL has recorded of a shard.</summary>
    internal async Task<string> ReadEpochAsync(RedisKeys keys, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand("SELECT epoch_id FROM redis_epochs WHERE shard = $1");
        command.Parameters.Add(new() { Value = keys.Shard });
        return (string?)await command.ExecuteScalarAsync(cancellationToken) ?? "";
    }

    private async Task<long?> FindAsync(long userId, string reference, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand(
            "SELECT amount FROM credit_ledger WHERE user_id = $1 AND kind = 'adjustment' AND reference = $2");
        command.Parameters.Add(new() { Value = userId });
        command.Parameters.Add(new() { Value = reference });
        return (long?)await command.ExecuteScalarAsync(cancellationToken);
    }

    /// <summary>Why the balance is not loaded; null where it is, or where it is worth trying again.</summary>
    private async Task<CreditResult?> LoadAsync(long userId, CancellationToken cancellationToken)
    {
        switch (await balances.LoadAsync(userId, cancellationToken))
        {
            case BalanceLoadResult.UnknownAccount:
                return CreditResult.UnknownAccount;
            case BalanceLoadResult.Closed:
                return CreditResult.NotNow;
            case BalanceLoadResult.Busy:
                await Task.Delay(Pause, clock, cancellationToken);
                return null;
            default:
                return null;
        }
    }
}

/// <summary>A negative adjustment as Redis remembers it; its units are below zero.</summary>
internal sealed record Adjustment(long UserId, long Units, string Reference, string? Description)
{
    /// <summary>What PostgreSQL had recorded of the shard before Redis was asked: only while that is so may the adjustment be written.</summary>
    [JsonIgnore]
    public string Epoch { get; init; } = "";

    [JsonIgnore]
    public RedisValue Field => RedisKeys.AdjustmentField(UserId, Reference);
}

[JsonSerializable(typeof(Adjustment))]
internal sealed partial class AdjustmentJson : JsonSerializerContext
{
    public static byte[] Write(Adjustment adjustment) => JsonSerializer.SerializeToUtf8Bytes(adjustment, Default.Adjustment);

    /// <exception cref="JsonException">The payload is no adjustment.</exception>
    public static Adjustment Read(RedisValue payload) =>
        JsonSerializer.Deserialize((byte[]?)payload, Default.Adjustment) ?? throw new JsonException("the payload is null");
}
