using System.Text.Json;

using SmsGateway.Core.Messages;

using StackExchange.Redis;

namespace SmsGateway.Workers.Audit;

/// <summary>Which messages Redis holds, by where they are.</summary>
internal sealed class RedisContent
{
    private int _inFlight;
    private int _outcomes;

    /// <summary>Messages that some loop will send, in time.</summary>
    public HashSet<Guid> Waiting { get; } = [];

    /// <summary>Messages that are anywhere: waiting, cancelled, with a dispatcher, or in an outcome.</summary>
    public HashSet<Guid> Anywhere { get; } = [];

    public long DeadLetters { get; set; }

    public IEnumerable<AuditLine> Counts =>
    [
        new(null, "messages waiting in Redis", Waiting.Count, []),
        new(null, "messages with a dispatcher", _inFlight, []),
        new(null, "outcomes waiting", _outcomes, []),
        new(null, "dead letters", DeadLetters, []),
    ];

    public void AddWaiting(RedisValue id, bool isCancelled)
    {
        // An id that is none was put there by hand; ingest makes a dead letter of it.
        if (Guid.TryParse((string?)id, out var message))
        {
            Anywhere.Add(message);
            if (!isCancelled)
            {
                Waiting.Add(message);
            }
        }
    }

    public void AddInFlight(RedisValue[] ids)
    {
        _inFlight += ids.Length;
        Anywhere.UnionWith(ids.Select(id => Guid.Parse((string)id!)));
    }

    public void AddOutcomes(RedisValue[] outcomes)
    {
        _outcomes += outcomes.Length;
        foreach (var payload in outcomes)
        {
            try
            {
                Anywhere.Add(MessageJson.ReadOutcome((byte[])payload!).Id);
            }
            catch (JsonException)
            {
                // The status flush will set it aside with its reason; it speaks of no message.
            }
        }
    }
}
