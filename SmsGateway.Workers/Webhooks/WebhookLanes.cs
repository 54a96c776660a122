namespace SmsGateway.Workers.Webhooks;

/// <summary>
/// How many more calls each lane may get from this worker. A lane in trouble (its last call failed or was slow) gets one at a time, and all in
/// trouble together at most half of the slots: however many customers are dead, the others find room. Used by one loop.
/// </summary>
internal sealed class WebhookLanes(int slots, int slotsPerLane, TimeProvider clock, Random random)
{
    /// <summary>A lane in trouble that nothing was heard of for so long is treated like any other.</summary>
    private static readonly TimeSpan Memory = TimeSpan.FromHours(1);

    /// <summary>No lane rests for longer, whatever its host asked for; its event does.</summary>
    private static readonly TimeSpan LongestRest = TimeSpan.FromMinutes(10);

    /// <summary>Most lanes remembered beyond those with calls under way.</summary>
    private const int MostInTrouble = 4_096;

    private readonly Dictionary<Lane, State> _lanes = [];

    /// <summary>Calls under way.</summary>
    public int InFlight { get; private set; }

    /// <summary>Calls that may begin now.</summary>
    public int Free => slots - InFlight;

    public void Begin(Lane lane)
    {
        var state = _lanes.GetValueOrDefault(lane);
        _lanes[lane] = state with { InFlight = state.InFlight + 1 };
        InFlight++;
    }

    /// <summary>A call has ended.</summary>
    /// <param name="lane">Whose.</param>
    /// <param name="isTroubled">It failed, or was slow.</param>
    /// <param name="rest">How long the host asked to be left alone.</param>
    public void End(Lane lane, bool isTroubled, TimeSpan rest)
    {
        InFlight--;
        var now = clock.GetUtcNow();
        var state = _lanes[lane] with { InFlight = _lanes[lane].InFlight - 1 };
        bool remembers = isTroubled && (state.TroubleUntil > now || _lanes.Count < MostInTrouble + slots);
        state = state with
        {
            TroubleUntil = remembers ? now + Memory : DateTimeOffset.MinValue,
            RestsUntil = remembers ? now + (rest < LongestRest ? rest : LongestRest) : DateTimeOffset.MinValue,
        };
        Keep(lane, state, now);
    }

    /// <summary>The lanes that may not get <c>slotsPerLane</c> calls now, with how many they may get.</summary>
    public (Lane Lane, int Room)[] Restricted()
    {
        var now = clock.GetUtcNow();
        foreach (var (lane, state) in _lanes.ToArray())
        {
            Keep(lane, state, now);
        }

        var troubled = _lanes.Where(lane => lane.Value.TroubleUntil > now).ToArray();
        var ready = troubled.Where(lane => lane.Value.InFlight == 0 && lane.Value.RestsUntil <= now).Select(lane => lane.Key).ToArray();

        // Any of them, since many may have nothing that is due; those left out have their chance next time.
        random.Shuffle(ready);
        var chosen = ready.Take((slots / 2) - troubled.Sum(lane => lane.Value.InFlight)).ToHashSet();
        return [.. _lanes.Select(lane => (lane.Key, lane.Value.TroubleUntil > now
            ? chosen.Contains(lane.Key) ? 1 : 0
            : Math.Max(slotsPerLane - lane.Value.InFlight, 0)))];
    }

    private void Keep(Lane lane, State state, DateTimeOffset now)
    {
        if (state.InFlight == 0 && state.TroubleUntil <= now)
        {
            _lanes.Remove(lane);
        }
        else
        {
            _lanes[lane] = state;
        }
    }

    private readonly record struct State(int InFlight, DateTimeOffset TroubleUntil, DateTimeOffset RestsUntil);
}
