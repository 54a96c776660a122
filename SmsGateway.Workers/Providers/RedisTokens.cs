using Microsoft.Extensions.Options;

using SmsGateway.Core.Redis;
using SmsGateway.Workers.Dispatch;

using StackExchange.Redis;

namespace SmsGateway.Workers.Providers;

/// <summary>
/// The buckets in Redis (take_tokens.lua). While Redis cannot be asked there are no tokens, and nothing is sent. A Redis that does not know the
/// script was restarted or has taken over from another: its bucket may be older than what was sent, and begins anew.
/// </summary>
internal sealed class RedisTokens(
    IConnectionMultiplexer connection, IOptions<DispatchOptions> options, TimeProvider time, ILogger<RedisTokens> log) : ITokenSource
{
    private static readonly TimeSpan PauseAfterFailure = TimeSpan.FromMilliseconds(250);

    public async Task<TokenGrant> TakeAsync(string provider, RateContract contract, int wanted)
    {
        try
        {
            var answer = (RedisValue[])(await AskAsync(provider, contract, wanted).WaitAsync(options.Value.RedisTimeout, time))!;
            return new((int)answer[0], TimeSpan.FromMicroseconds((double)answer[1]));
        }
        catch (Exception error) when (RedisFailure.Is(error))
        {
            // What it may have given all the same is lost, as is everything that is not used.
            ProviderLog.NoTokens(log, provider, error);
            return new(0, PauseAfterFailure);
        }
    }

    private async Task<RedisResult> AskAsync(string provider, RateContract contract, int wanted)
    {
        var redis = connection.GetDatabase();
        RedisKey[] bucket = [RedisKeys.ProviderRate(provider)];
        RedisValue[] arguments = [wanted, contract.Interval, contract.Burst, (long)contract.Window.TotalMicroseconds];
        try
        {
            return await RedisScript.TakeTokens.RunIfLoadedAsync(redis, bucket, [.. arguments, 0]);
        }
        catch (RedisServerException notLoaded) when (RedisScript.IsNotLoaded(notLoaded))
        {
            return await RedisScript.TakeTokens.RunAsync(redis, bucket, [.. arguments, 1]);
        }
    }
}
