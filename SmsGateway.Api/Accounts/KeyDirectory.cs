using System.Collections.Concurrent;

using Microsoft.Extensions.Options;

using SmsGateway.Core.Accounts;

namespace SmsGateway.Api.Accounts;

/// <summary>As many keys as may be are being looked up: this one is not.</summary>
internal sealed class TooManyLookupsException(int bound) : Exception($"{bound} keys are being looked up already");

/// <summary>Finds whom a key stands for: in memory, or once in the database however many requests ask at the same time.</summary>
internal sealed class KeyDirectory(KeyCache cache, KeyStore store, IOptions<AccountsOptions> options, TimeProvider time) : IDisposable
{
    /// <summary>
    /// What is being looked up or waits for a place: at most <see cref="AccountsOptions.WaitingLookups"/>, beyond which nothing enters.
    /// Requests add and read, a look-up that ends removes itself.
    /// </summary>
    private readonly ConcurrentDictionary<KeyHash, Lazy<Task<Caller?>>> _lookups = new();

    /// <summary>What waits here is bounded by <see cref="_lookups"/>.</summary>
    private readonly SemaphoreSlim _places = new(options.Value.ConcurrentLookups);

    /// <summary>The size of <see cref="_lookups"/> and of what is about to enter: its own count takes all of its locks.</summary>
    private int _lookupCount;

    /// <summary>The caller that a key stands for now; null: unknown, expired or revoked.</summary>
    /// <exception cref="TimeoutException">The database did not answer in time.</exception>
    /// <exception cref="Npgsql.NpgsqlException">The database cannot be asked.</exception>
    /// <exception cref="TooManyLookupsException">Too many other keys are being looked up.</exception>
    public async ValueTask<Caller?> FindAsync(string? key, CancellationToken cancellationToken)
    {
        if (string.IsNullOrEmpty(key) || key.Length > ApiKey.MaxLength)
        {
            return null;
        }

        var hash = KeyHash.Of(key);
        if (!cache.TryGet(hash, out var caller))
        {
            caller = await LookUpAsync(hash).WaitAsync(options.Value.LookupTimeout, time, cancellationToken);
        }

        return caller?.ExpiresAt is { } end && end <= time.GetUtcNow() ? null : caller;
    }

    public void Dispose() => _places.Dispose();

    private Task<Caller?> LookUpAsync(KeyHash key)
    {
        if (_lookups.TryGetValue(key, out var running))
        {
            return running.Value;
        }

        if (Interlocked.Increment(ref _lookupCount) > options.Value.WaitingLookups)
        {
            Interlocked.Decrement(ref _lookupCount);
            throw new TooManyLookupsException(options.Value.WaitingLookups);
        }

        var own = new Lazy<Task<Caller?>>(() => LookUpOnceAsync(key));
        var entered = _lookups.GetOrAdd(key, own);
        if (entered != own)
        {
            Interlocked.Decrement(ref _lookupCount);
        }

        return entered.Value;
    }

    // Belongs to all who wait for it, so no request's cancellation ends it; the connection's own timeouts do.
    private async Task<Caller?> LookUpOnceAsync(KeyHash key)
    {
        await _places.WaitAsync(CancellationToken.None);
        try
        {
            var caller = await store.FindAsync(key, CancellationToken.None);
            cache.Set(key, caller);
            return caller;
        }
        finally
        {
            _places.Release();
            _lookups.TryRemove(key, out _);
            Interlocked.Decrement(ref _lookupCount);
        }
    }
}
