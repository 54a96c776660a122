using System.Security.Cryptography;
using System.Text;

using StackExchange.Redis;

namespace SmsGateway.Core.Redis;

/// <summary>A Lua script of <c>Redis/Scripts</c>. Its file says keys, arguments and return codes.</summary>
public sealed class RedisScript
{
    private const string NotLoaded = "NOSCRIPT";

    private readonly string _text;
    private readonly byte[] _hash;

    private RedisScript(string file)
    {
        using var stream = typeof(RedisScript).Assembly.GetManifestResourceStream(file)
            ?? throw new InvalidOperationException($"the script {file} is not embedded in {typeof(RedisScript).Assembly.GetName().Name}");
        using var reader = new StreamReader(stream, Encoding.UTF8);
        Name = Path.GetFileNameWithoutExtension(file);
        _text = reader.ReadToEnd();
        // Redis names scripts by SHA-1; nothing secret hangs on it.
#pragma warning disable CA5350
        _hash = SHA1.HashData(Encoding.UTF8.GetBytes(_text));
#pragma warning restore CA5350
    }

    public static RedisScript Accept { get; } = new("accept.lua");

    public static RedisScript AcceptBulk { get; } = new("accept_bulk.lua");

    public static RedisScript ApplySync { get; } = new("apply_sync.lua");

    public static RedisScript BeginAdjustment { get; } = new("begin_adjustment.lua");

    public static RedisScript BeginBalanceLoad { get; } = new("begin_balance_load.lua");

    public static RedisScript Cancel { get; } = new("cancel.lua");

    public static RedisScript ClaimDispatch { get; } = new("claim_dispatch.lua");

    public static RedisScript ClaimIngest { get; } = new("claim_ingest.lua");

    public static RedisScript ClaimStatus { get; } = new("claim_status.lua");

    public static RedisScript CompleteDispatch { get; } = new("complete_dispatch.lua");

    public static RedisScript DropLetter { get; } = new("drop_letter.lua");

    public static RedisScript DropRepeats { get; } = new("drop_repeats.lua");

    public static RedisScript FinishAdjustment { get; } = new("finish_adjustment.lua");

    public static RedisScript FinishBalanceLoad { get; } = new("finish_balance_load.lua");

    public static RedisScript FinishStatus { get; } = new("finish_status.lua");

    public static RedisScript ForgetWorker { get; } = new("forget_worker.lua");

    public static RedisScript HandOver { get; } = new("hand_over.lua");

    public static RedisScript Heartbeat { get; } = new("heartbeat.lua");

    public static RedisScript MarkDispatch { get; } = new("mark_dispatch.lua");

    public static RedisScript Mend { get; } = new("mend.lua");

    public static RedisScript MendBuffered { get; } = new("mend_buffered.lua");

    public static RedisScript PromoteDue { get; } = new("promote_due.lua");

    public static RedisScript PublishBreakers { get; } = new("publish_breakers.lua");

    public static RedisScript ReadAccount { get; } = new("read_account.lua");

    public static RedisScript ReadIngestClaim { get; } = new("read_ingest_claim.lua");

    public static RedisScript RebuildStep { get; } = new("rebuild_step.lua");

    public static RedisScript Requeue { get; } = new("requeue.lua");

    public static RedisScript RequeueStored { get; } = new("requeue_stored.lua");

    public static RedisScript RestoreDispatch { get; } = new("restore_dispatch.lua");

    public static RedisScript ReturnDispatch { get; } = new("return_dispatch.lua");

    public static RedisScript TakeTokens { get; } = new("take_tokens.lua");

    public static RedisScript TakeOver { get; } = new("take_over.lua");

    /// <summary>The file's name without its ending.</summary>
    public string Name { get; }

    /// <summary>How Redis names the script.</summary>
    public string Sha1 => Convert.ToHexStringLower(_hash);

    /// <summary>Runs the script; loads it first where this Redis does not know it.</summary>
    public async Task<RedisResult> RunAsync(IDatabase redis, RedisKey[] keys, RedisValue[] arguments)
    {
        try
        {
            return await redis.ScriptEvaluateAsync(_hash, keys, arguments);
        }
        catch (RedisServerException notLoaded) when (IsNotLoaded(notLoaded))
        {
            return await redis.ScriptEvaluateAsync(_text, keys, arguments);
        }
    }

    /// <summary>
    /// Runs the script only if this Redis knows it. Redis forgets its scripts when it restarts or fails over, so a caller that loads
    /// a script only after it has checked the epoch can never run it on a Redis that lost time unnoticed.
    /// </summary>
    /// <exception cref="RedisServerException">Among others: the script is not loaded (<see cref="IsNotLoaded"/>).</exception>
    public Task<RedisResult> RunIfLoadedAsync(IDatabase redis, RedisKey[] keys, RedisValue[] arguments) =>
        redis.ScriptEvaluateAsync(_hash, keys, arguments);

    /// <summary>Makes the script known to every primary.</summary>
    public async Task LoadAsync(IConnectionMultiplexer connection)
    {
        foreach (var endPoint in connection.GetEndPoints())
        {
            await connection.GetServer(endPoint).ScriptLoadAsync(_text);
        }
    }

    /// <summary>Whether an error says that Redis does not know the script.</summary>
    public static bool IsNotLoaded(RedisServerException error) => error.Message.StartsWith(NotLoaded, StringComparison.Ordinal);
}
