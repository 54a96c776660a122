using SmsGateway.Core.Redis;

using StackExchange.Redis;

namespace SmsGateway.Workers.Claims;

/// <summary>
/// A buffer in Redis that is emptied by claims: a claim moves the oldest entries to a list of its own, atomically; processing makes them durable,
/// then forgets the claim. Every step may be repeated, by this worker or by the one that takes a dead worker's claims over.
/// </summary>
/// <typeparam name="TClaim">What a claim holds, read.</typeparam>
internal interface IClaimSource<TClaim>
    where TClaim : class, IClaim
{
    /// <summary>Hash, claim id → worker that holds it.</summary>
    RedisKey Registry(RedisKeys keys);

    /// <summary>Claims the oldest entries under a new claim id; null where the buffer is empty.</summary>
    Task<TClaim?> ClaimAsync(RedisKeys keys, Guid id, int most);

    /// <summary>Reads a claim that was left over; null where it has been finished after all.</summary>
    Task<TClaim?> ReadClaimAsync(RedisKeys keys, Guid id);

    /// <summary>Makes the claim durable and forgets it. May be repeated after any error.</summary>
    Task ProcessAsync(RedisKeys keys, TClaim claim, CancellationToken cancellationToken);
}

/// <summary>Entries that a worker holds.</summary>
internal interface IClaim
{
    Guid Id { get; }

    /// <summary>Entries in the claim, good and bad.</summary>
    int Count { get; }
}
