using System.Collections.Concurrent;

namespace SmsGateway.Workers.Claims;

/// <summary>
/// The claims that a loop of this process is working on. A claim in Redis that bears this worker's name and is not here was made by a call
/// whose answer was lost; recovery processes it like one taken over.
/// </summary>
internal sealed class ActiveClaims
{
    private readonly ConcurrentDictionary<Guid, bool> _claims = new();

    /// <summary>Notes a claim, before it is asked for; dispose it when the claim is done or was not granted.</summary>
    public Registration Begin(Guid claim)
    {
        _claims[claim] = true;
        return new(this, claim);
    }

    public bool Contains(Guid claim) => _claims.ContainsKey(claim);

    public readonly struct Registration(ActiveClaims claims, Guid claim) : IDisposable
    {
        public void Dispose() => claims._claims.TryRemove(claim, out _);
    }
}
