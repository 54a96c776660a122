using System.Globalization;

namespace SmsGateway.Tests.EndToEnd;

/// <summary>
/// When a fault strikes and how long it lasts, counted in traffic rather than in time: chosen from a seed that is printed, so that a
/// failure can be looked at again with <c>FAULT_SEED</c> set to it.
/// </summary>
/// <param name="Seed">The seed of all of it.</param>
/// <param name="AcceptedBefore">Messages accepted before it strikes.</param>
/// <param name="AttemptsDuring">Requests that end, well or not, while it lasts.</param>
/// <param name="AcceptedAfter">Messages accepted after it is over.</param>
/// <param name="Replica">Which of two replicas it strikes.</param>
internal sealed record Fault(int Seed, int AcceptedBefore, int AttemptsDuring, int AcceptedAfter, int Replica)
{
    public static Fault New()
    {
        string? asked = Environment.GetEnvironmentVariable("FAULT_SEED");
        int seed = asked is null
            ? (int)(TimeProvider.System.GetTimestamp() % int.MaxValue)
            : int.Parse(asked, CultureInfo.InvariantCulture);
        var random = new Random(seed);
        return new(seed, random.Next(40, 200), random.Next(1, 100), random.Next(80, 160), random.Next(2));
    }
}
