using SmsGateway.Core.Messages;
using SmsGateway.Workers.Providers;

namespace SmsGateway.Workers.Dispatch;

/// <summary>Which providers may take a message, best first.</summary>
internal sealed class Routes
{
    private readonly ProviderLine[] _lines;
    private readonly Dictionary<string, ProviderLine[]> _byName = [];

    /// <param name="lines">The enabled providers, in configured order.</param>
    public Routes(IReadOnlyList<ProviderLine> lines)
    {
        _lines = [.. lines];
        foreach (var line in lines)
        {
            _byName.Add(line.Name, [line]);
        }
    }

    /// <summary>
    /// How many messages could be sent now. Providers behind the first that works are a reserve, not more room: a message that finds the
    /// first one full waits for it.
    /// </summary>
    public int Capacity
    {
        get
        {
            int capacity = 0;
            foreach (var line in _lines)
            {
                capacity += line.Capacity;
                if (line.IsOpen)
                {
                    break;
                }
            }

            return capacity;
        }
    }

    /// <summary>
    /// The lines to try, in order. A message that a provider may have taken can only go to that provider again, and only if it honours the
    /// key; where it does not any more, or is gone, there is no line.
    /// </summary>
    public ReadOnlyMemory<ProviderLine> For(QueuedMessage message) =>
        message.OnlyProvider is not { } only ? _lines
            : _byName.TryGetValue(only, out var line) && line[0].HonoursIdempotencyKey ? line
            : ReadOnlyMemory<ProviderLine>.Empty;

    /// <summary>
    /// The provider that a message whose sender died can be sent to again without harm: the only one that can have been asked, if it
    /// honours the key. Null: there is none.
    /// </summary>
    public ProviderLine? SafeToRepeat(QueuedMessage message) =>
        For(message) is { Length: 1 } lines && lines.Span[0].HonoursIdempotencyKey ? lines.Span[0] : null;
}
