using System.Collections.Concurrent;

using Microsoft.Extensions.Options;

namespace SmsGateway.Api.Accounts;

/// <summary>
/// What this process knows of API keys. Known ones are bounded by the keys that exist, unknown ones by
/// <see cref="AccountsOptions.UnknownKeys"/>. Written by look-ups and by the poll, read by every request.
/// </summary>
internal sealed class KeyCache(IOptions<AccountsOptions> options, TimeProvider time)
{
    private readonly ConcurrentDictionary<KeyHash, Caller> _known = new();
    private readonly ConcurrentDictionary<KeyHash, DateTimeOffset> _unknown = new();
    private int _unknownCount;

    /// <summary>Finds a key; null with true says that it is known to be none.</summary>
    public bool TryGet(KeyHash key, out Caller? caller)
    {
        if (_known.TryGetValue(key, out caller))
        {
            return true;
        }

        return _unknown.TryGetValue(key, out var until) && time.GetUtcNow() < until;
    }

    /// <summary>Stores what a look-up found.</summary>
    public void Set(KeyHash key, Caller? caller)
    {
        if (caller is not null)
        {
            _known[key] = caller;
            return;
        }

        if (Interlocked.Increment(ref _unknownCount) > options.Value.UnknownKeys)
        {
            _unknown.Clear();
            Interlocked.Exchange(ref _unknownCount, 1);
        }

        _unknown[key] = time.GetUtcNow() + options.Value.UnknownKeyLife;
    }

    /// <summary>Takes over a change of a key, if this process has used the key; returns whether that changed anything.</summary>
    public bool Refresh(KeyHash key, Caller? caller)
    {
        if (caller is not null && _unknown.TryRemove(key, out _))
        {
            _known[key] = caller;
            return true;
        }

        if (!_known.TryGetValue(key, out var before) || before == caller)
        {
            return false;
        }

        Set(key, caller);
        return caller is not null || _known.TryRemove(key, out _);
    }

    /// <summary>Forgets everything, for changes may have been missed.</summary>
    public void Clear()
    {
        _known.Clear();
        _unknown.Clear();
    }
}
