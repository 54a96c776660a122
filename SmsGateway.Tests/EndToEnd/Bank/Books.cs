namespace SmsGateway.Tests.EndToEnd.Bank;

/// <summary>A message that was answered with 202.</summary>
internal sealed record BookedMessage(Guid Id, decimal Cost);

/// <summary>
/// A customer's own bookkeeping: additions and subtractions of what the gateway has answered, in credits, and nothing else. All clients of the
/// customer write it.
/// </summary>
internal sealed class Books
{
    private readonly Lock _lock = new();
    private readonly Dictionary<Guid, BookedMessage> _messages = [];
    private readonly List<BookedMessage> _recent = [];
    private readonly Dictionary<string, decimal> _topUps = [];
    private readonly HashSet<Guid> _cancelled = [];
    private readonly HashSet<Guid> _tooLate = [];

    public IReadOnlyDictionary<Guid, BookedMessage> Messages => _messages;

    /// <summary>Credits by the reference that they were added under.</summary>
    public IReadOnlyDictionary<string, decimal> TopUps => _topUps;

    /// <summary>Messages that the gateway says are cancelled.</summary>
    public IReadOnlySet<Guid> Cancelled => _cancelled;

    /// <summary>Messages of which the gateway has said that it is too late to cancel them, and never that they are cancelled.</summary>
    public IEnumerable<Guid> NotCancelled => _tooLate.Except(_cancelled);

    public bool TryCharge(BookedMessage message)
    {
        lock (_lock)
        {
            _recent.Add(message);
            return _messages.TryAdd(message.Id, message);
        }
    }

    public bool TryTopUp(string reference, decimal credits)
    {
        lock (_lock)
        {
            return _topUps.TryAdd(reference, credits);
        }
    }

    public void Cancel(Guid id, bool isCancelled)
    {
        lock (_lock)
        {
            (isCancelled ? _cancelled : _tooLate).Add(id);
        }
    }

    /// <summary>One of the last messages; null where there is none.</summary>
    public BookedMessage? PickRecent(int back)
    {
        lock (_lock)
        {
            return _recent.Count == 0 ? null : _recent[Math.Max(_recent.Count - 1 - back, 0)];
        }
    }

    /// <summary>A reference that was used; null where none was.</summary>
    public (string Reference, decimal Credits)? PickTopUp(int which)
    {
        lock (_lock)
        {
            return _topUps.Count == 0 ? null : _topUps.Select(topUp => (topUp.Key, topUp.Value)).ElementAt(which % _topUps.Count);
        }
    }

    /// <summary>What the customer must have, to the unit, once each message has come to its end.</summary>
    public decimal Expected(IReadOnlySet<Guid> refunded) =>
        _topUps.Values.Sum() - _messages.Values.Where(message => !refunded.Contains(message.Id)).Sum(message => message.Cost);
}
