using System.Globalization;

namespace SmsGateway.Tests.EndToEnd.Chaos;

/// <summary>What is done to the running gateway.</summary>
internal enum Harm
{
    /// <summary>SIGKILL of one process, which is started again after a while.</summary>
    Kill,

    /// <summary>SIGKILL of everything at the same time, the provider too.</summary>
    KillAll,

    /// <summary>SIGSTOP of one process, then SIGCONT.</summary>
    Pause,

    /// <summary>Both workers stand still until the backlog is at its bound, or for a while.</summary>
    PauseWorkers,

    /// <summary>Redis gets no more memory.</summary>
    FillRedis,

    /// <summary>The provider resets connections, before and after it took a message, and refuses to work.</summary>
    BreakProvider,

    /// <summary>Redis loses everything.</summary>
    EmptyRedis,

    /// <summary>Redis comes back with an older copy of its files.</summary>
    SetRedisBack,
}

/// <summary>One harm.</summary>
/// <param name="At">When, from the beginning of the traffic; later where the one before has not been mended by then.</param>
/// <param name="Harm">What.</param>
/// <param name="Resource">To which process, where it is done to one.</param>
/// <param name="Replica">Which of two workers.</param>
/// <param name="Duration">Until it is mended.</param>
internal sealed record Strike(TimeSpan At, Harm Harm, string Resource, int Replica, TimeSpan Duration)
{
    /// <summary>Whether Redis forgets what it alone had.</summary>
    public bool Loses => Harm is Harm.EmptyRedis or Harm.SetRedisBack;

    /// <summary>Whether another process does its work meanwhile.</summary>
    public bool IsOfReplica => Harm == Harm.Kill && Resource is "api-1" or "api-2" or "workers";

    public override string ToString() => Harm switch
    {
        Harm.Kill or Harm.Pause when Resource == "workers" => $"{Harm} {Resource} {Replica}",
        Harm.Kill or Harm.Pause => $"{Harm} {Resource}",
        _ => Harm.ToString(),
    };
}

/// <summary>
/// What a run of chaos does and when, all of it drawn from its seed: the same seed gives the same plan. The environment says otherwise than by
/// default: <c>CHAOS_SEED</c>, <c>CHAOS_SECONDS</c>, <c>CHAOS_RATE</c> (messages a second).
/// </summary>
internal sealed class ChaosPlan
{
    private const int SecondsPerStrike = 6;
    private const double FirstAt = 2;

    private static readonly string[] Resources = ["api-1", "api-2", "workers", "workers", "edge", "redis", "postgres", "simulator"];

    // The more often it is listed, the more often it is drawn.
    private static readonly Harm[] Harmless =
        [Harm.Kill, Harm.Kill, Harm.Kill, Harm.Kill, Harm.KillAll, Harm.Pause, Harm.Pause, Harm.PauseWorkers, Harm.FillRedis, Harm.BreakProvider];

    private ChaosPlan(int seed, TimeSpan duration, int rate)
    {
        Seed = seed;
        Duration = duration;
        Rate = rate;
        var random = new Random(seed);
        // What Redis alone had is lost for good in every third plan; in the others nothing may be.
        Harm[] harms = random.Next(3) == 0 ? [.. Harmless, Harm.EmptyRedis, Harm.EmptyRedis, Harm.SetRedisBack, Harm.SetRedisBack] : Harmless;
        int count = Math.Max((int)duration.TotalSeconds / SecondsPerStrike, 1);
        double span = (duration.TotalSeconds - FirstAt) / count;
        Strikes = [.. Enumerable.Range(0, count).Select(index => new Strike(
            TimeSpan.FromSeconds(FirstAt + ((index + (random.NextDouble() / 2)) * span)),
            harms[random.Next(harms.Length)],
            Resources[random.Next(Resources.Length)],
            random.Next(2),
            TimeSpan.FromSeconds(0.2 + (random.NextDouble() * 6))))];
    }

    public int Seed { get; }

    /// <summary>How long customers send.</summary>
    public TimeSpan Duration { get; }

    /// <summary>Messages a second.</summary>
    public int Rate { get; }

    public IReadOnlyList<Strike> Strikes { get; }

    /// <summary>Whether messages that only Redis had may be lost, together with their charge.</summary>
    public bool MayLose => Strikes.Any(strike => strike.Loses);

    public static ChaosPlan Of(int seed, TimeSpan duration, int rate) => new(seed, duration, rate);

    public static ChaosPlan FromEnvironment() => new(
        Read("CHAOS_SEED", (int)(TimeProvider.System.GetTimestamp() % int.MaxValue)),
        TimeSpan.FromSeconds(Read("CHAOS_SECONDS", 20)),
        Read("CHAOS_RATE", 200));

    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture, $"CHAOS_SEED={Seed} CHAOS_SECONDS={Duration.TotalSeconds:0} CHAOS_RATE={Rate}");

    private static int Read(string name, int otherwise) =>
        Environment.GetEnvironmentVariable(name) is { Length: > 0 } value ? int.Parse(value, CultureInfo.InvariantCulture) : otherwise;
}
