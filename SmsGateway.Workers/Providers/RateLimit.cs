namespace SmsGateway.Workers.Providers;

/// <summary>
/// The tokens of one provider that this worker has in hand: small grants that soon end. A grant's life is counted from before it was asked
/// for, so it ends here before it ends by Redis' clock. The claim loop fills, every sender takes.
/// </summary>
internal sealed class RateLimit(string provider, RateContract contract, ITokenSource source, TimeProvider time)
{
    private readonly Lock _lock = new();

    // Oldest first; bounded by the bucket, since what has ended is dropped.
    private readonly Queue<(long AskedAt, int Tokens)> _grants = [];
    private int _usedOfFirst;

    // Timestamp before which the source has nothing.
    private long _nextAt;

    /// <summary>Tokens in hand.</summary>
    public int Tokens
    {
        get
        {
            lock (_lock)
            {
                DropEnded();
                return _grants.Sum(grant => grant.Tokens) - _usedOfFirst;
            }
        }
    }

    /// <summary>How long until the source may have another.</summary>
    public TimeSpan Wait
    {
        get
        {
            long next = Volatile.Read(ref _nextAt);
            long now = time.GetTimestamp();
            return next > now ? time.GetElapsedTime(now, next) : TimeSpan.Zero;
        }
    }

    /// <summary>Gets so many tokens into hand, as far as the contract has them now.</summary>
    public async Task FillAsync(int wanted)
    {
        int missing = wanted - Tokens;
        if (missing <= 0 || Wait > TimeSpan.Zero)
        {
            return;
        }

        long askedAt = time.GetTimestamp();
        var grant = await source.TakeAsync(provider, contract, missing);
        lock (_lock)
        {
            if (grant.Tokens > 0)
            {
                _grants.Enqueue((askedAt, grant.Tokens));
            }

            Volatile.Write(ref _nextAt, askedAt + (long)(grant.Wait.TotalSeconds * time.TimestampFrequency));
        }
    }

    /// <summary>Takes a token to be used before it ends.</summary>
    /// <returns>Null: there is none.</returns>
    public async ValueTask<RateToken?> TakeAsync()
    {
        if (TryTake() is { } inHand)
        {
            return inHand;
        }

        await FillAsync(1);
        return TryTake();
    }

    /// <summary>Whether a request may still leave with the token.</summary>
    public bool IsAlive(RateToken token) => time.GetElapsedTime(token.AskedAt) < RateContract.GrantLife;

    private RateToken? TryTake()
    {
        lock (_lock)
        {
            DropEnded();
            if (!_grants.TryPeek(out var first))
            {
                return null;
            }

            if (++_usedOfFirst == first.Tokens)
            {
                DropFirst();
            }

            return new(first.AskedAt);
        }
    }

    private void DropEnded()
    {
        while (_grants.TryPeek(out var first) && time.GetElapsedTime(first.AskedAt) >= RateContract.GrantLife)
        {
            DropFirst();
        }
    }

    private void DropFirst()
    {
        _grants.Dequeue();
        _usedOfFirst = 0;
    }
}

/// <summary>Lets one message leave.</summary>
/// <param name="AskedAt">Timestamp from before it was asked for, from which its life counts.</param>
internal readonly record struct RateToken(long AskedAt);
