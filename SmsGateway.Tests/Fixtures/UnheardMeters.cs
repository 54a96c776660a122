using System.Collections.Concurrent;
using System.Diagnostics.Metrics;

namespace SmsGateway.Tests.Fixtures;

/// <summary>
/// Meters that nobody listens to: under names that no application of this process subscribes to, and one a name, however many workers a
/// test makes. Otherwise every application that a test starts would go through the instruments of all of them.
/// </summary>
internal sealed class UnheardMeters : IMeterFactory
{
    private readonly ConcurrentDictionary<string, Meter> _meters = new(StringComparer.Ordinal);

    private UnheardMeters()
    {
    }

    public static UnheardMeters Instance { get; } = new();

    public Meter Create(MeterOptions options) => _meters.GetOrAdd(options.Name, static name => new("Unheard." + name));

    /// <summary>They live as long as the process.</summary>
    public void Dispose()
    {
    }
}
