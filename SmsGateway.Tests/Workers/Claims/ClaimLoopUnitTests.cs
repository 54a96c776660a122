using Microsoft.Extensions.Logging.Abstractions;

using SmsGateway.Core.Redis;
using SmsGateway.Workers.Claims;

using StackExchange.Redis;

namespace SmsGateway.Tests.Workers.Claims;

public sealed class ClaimLoopUnitTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(20);

    private readonly WorkerIdentity _worker = new(TimeProvider.System);

    public ClaimLoopUnitTests() =>
        _worker.Renewed(TimeProvider.System.GetTimestamp() + (3600 * TimeProvider.System.TimestampFrequency));

    [Fact]
    public async Task Stop_claim_under_way_is_finished_and_no_other_is_begun()
    {
        var source = new OneClaimAfterAnother();
        using var loop = NewLoop(source);
        await loop.StartAsync(default);
        await source.Begun.Task.WaitAsync(Limit);

        var stopped = loop.StopAsync(default);
        Assert.False(stopped.IsCompleted);
        Assert.False(source.IsCancelled);
        source.MayEnd.SetResult();
        await stopped.WaitAsync(Limit);

        Assert.Equal((1, 1), (source.Claimed, source.Done));
        Assert.False(loop.ExecuteTask!.IsFaulted);
    }

    [Fact]
    public async Task Stop_claim_that_fails_then_is_left_to_the_heir()
    {
        var source = new OneClaimAfterAnother();
        using var loop = NewLoop(source);
        await loop.StartAsync(default);
        await source.Begun.Task.WaitAsync(Limit);

        var stopped = loop.StopAsync(default);
        source.MayEnd.SetException(new TimeoutException("the database is away"));
        await stopped.WaitAsync(Limit);

        Assert.Equal((1, 0), (source.Claimed, source.Done));
        Assert.False(loop.ExecuteTask!.IsFaulted);
    }

    private ClaimLoop<Claim> NewLoop(OneClaimAfterAnother source) => new(
        source, new(BatchSize: 1, Parallelism: 1, TimeSpan.FromMilliseconds(1)), new Shards(1), _worker, new ActiveClaims(), TimeProvider.System,
        NullLogger<ClaimLoop<Claim>>.Instance);

    private sealed record Claim(Guid Id) : IClaim
    {
        public int Count => 1;
    }

    /// <summary>Has a claim whenever it is asked; processing takes as long as the test wants.</summary>
    private sealed class OneClaimAfterAnother : IClaimSource<Claim>
    {
        private CancellationToken _processing;

        public TaskCompletionSource Begun { get; } = new();

        public TaskCompletionSource MayEnd { get; } = new();

        public bool IsCancelled => _processing.IsCancellationRequested;

        public int Claimed { get; private set; }

        public int Done { get; private set; }

        public RedisKey Registry(RedisKeys keys) => keys.IngestClaims;

        public Task<Claim?> ClaimAsync(RedisKeys keys, Guid id, int most)
        {
            Claimed++;
            return Task.FromResult<Claim?>(new(id));
        }

        public Task<Claim?> ReadClaimAsync(RedisKeys keys, Guid id) => Task.FromResult<Claim?>(null);

        public async Task ProcessAsync(RedisKeys keys, Claim claim, CancellationToken cancellationToken)
        {
            _processing = cancellationToken;
            Begun.TrySetResult();
            await MayEnd.Task.WaitAsync(cancellationToken);
            Done++;
        }
    }
}
