using SmsGateway.Core.Messages;
using SmsGateway.Workers.Providers;

namespace SmsGateway.Workers.Dispatch;

/// <summary>Which providers may take a message, best first, and how many messages they could take.</summary>
internal sealed class Routes
{
    private readonly RouteTable _table;
    private readonly Dictionary<string, ProviderLine[]> _byName = [];

    // The providers that messages go to now, without reserves. The claim loop's own.
    private readonly HashSet<ProviderLine> _inPlay = [];

    /// <param name="lines">The enabled providers, in configured order.</param>
    public Routes(IReadOnlyList<ProviderLine> lines)
    {
        _table = new RouteTable(lines);
        foreach (var line in lines)
        {
            _byName.Add(line.Name, [line]);
            IsLimited |= line.IsLimited;
        }
    }

    /// <summary>Whether any provider is enabled. While none is, messages wait.</summary>
    public bool Any => _byName.Count > 0;

    /// <summary>Whether some contract bounds the messages a second: then tokens are needed to claim.</summary>
    public bool IsLimited { get; }

    /// <summary>
    /// How many messages could be sent now, whatever their numbers, and as many more as there are detours, but never more than all providers
    /// together could take. What is claimed is not known before: without the detours one provider that rests would hold up the messages of all
    /// others, and without their bound its own messages would go to and fro as fast as Redis can move them. Providers behind the first that
    /// works are a reserve, not more room: a message that finds the first one full waits for it.
    /// </summary>
    public int Room(int detours) => Room(detours, static line => line.Capacity);

    /// <summary>Gets tokens for messages to be claimed.</summary>
    /// <returns>How many can be sent.</returns>
    public async Task<int> AdmitAsync(int messages, int detours)
    {
        Room(detours);
        foreach (var line in _inPlay)
        {
            await line.FillAsync(messages);
        }

        return Math.Min(messages, Room(detours, static line => line.Ready));
    }

    /// <summary>
    /// The lines to try, in order. A message that a provider may have taken can only go to that provider again, and only where that can
    /// resolve the doubt; where it cannot any more, or the provider is gone, there is no line.
    /// </summary>
    public ReadOnlyMemory<ProviderLine> For(QueuedMessage message) =>
        message.OnlyProvider is not { } only ? _table.Of(message.Recipient)
            : _byName.TryGetValue(only, out var line) && line[0].CanResolve ? line
            : ReadOnlyMemory<ProviderLine>.Empty;

    /// <summary>The provider of a name; null: it is not configured, or not enabled.</summary>
    public ProviderLine? Find(string name) => _byName.TryGetValue(name, out var line) ? line[0] : null;

    private int Room(int detours, Func<ProviderLine, int> capacity)
    {
        _inPlay.Clear();
        int least = int.MaxValue;
        foreach (var group in _table.Groups)
        {
            int ofGroup = 0;
            foreach (var line in group)
            {
                _inPlay.Add(line);
                ofGroup += capacity(line);
                if (line.IsOpen)
                {
                    break;
                }
            }

            least = Math.Min(least, ofGroup);
        }

        int most = _inPlay.Sum(capacity);
        return least < most ? Math.Min(most, least + detours) : most;
    }
}
