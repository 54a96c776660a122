using System.Globalization;

namespace SmsGateway.Workers.Claims;

/// <summary>
/// Who this process is among the workers, and whether its lease still holds. The heartbeat writes it, every loop reads it. The lease is
/// counted by this process' own monotonic clock from before the renewal was asked for, so it ends here before it ends in Redis.
/// </summary>
internal sealed class WorkerIdentity(TimeProvider clock)
{
    /// <summary>How long a worker that says nothing keeps its claims. Also bounds how long messages of a killed worker wait.</summary>
    public static readonly TimeSpan Lease = TimeSpan.FromSeconds(4);

    /// <summary>Taken off the lease on this side, for the time between looking and acting.</summary>
    private static readonly TimeSpan Margin = TimeSpan.FromSeconds(1);

    /// <summary>PostgreSQL cuts an application name at 63 bytes, and by that name the sessions of a dead worker are found.</summary>
    private const int MachineNameLength = 30;

    private long _renewed = long.MinValue;

    /// <summary>Unique among all workers that ever were: machine, process and a random part.</summary>
    public string Id { get; } = string.Create(
        CultureInfo.InvariantCulture, $"{Environment.MachineName[..Math.Min(Environment.MachineName.Length, MachineNameLength)]}-{Environment.ProcessId}-{Guid.CreateVersion7().ToString("N")[^8..]}");

    /// <summary>Whether nobody else can have taken over what this worker holds.</summary>
    public bool HoldsLease
    {
        get
        {
            long renewed = Volatile.Read(ref _renewed);
            return renewed != long.MinValue && clock.GetElapsedTime(renewed) < Lease - Margin;
        }
    }

    /// <summary>Tells of a renewal that Redis has granted.</summary>
    /// <param name="askedAt">The clock's timestamp from before it was asked for.</param>
    internal void Renewed(long askedAt) => Volatile.Write(ref _renewed, askedAt);
}
