using SmsGateway.Core.Messages;

namespace SmsGateway.Tests.Core.Credits;

/// <summary>What the money of a gateway must come to: additions and subtractions in one place, without stores, buffers or syncs.</summary>
internal sealed class MoneyModel
{
    private readonly Dictionary<long, long> _balances = [];
    private readonly Dictionary<Guid, QueuedMessage> _charged = [];
    private readonly HashSet<Guid> _kept = [];

    public IReadOnlyDictionary<long, long> Balances => _balances;

    public void Open(long userId) => _balances.Add(userId, 0);

    public void Add(long userId, long units)
    {
        _balances[userId] += units;
        Assert.True(_balances[userId] >= 0, $"account {userId} has spent {-_balances[userId]} that it never had");
    }

    public void Charge(QueuedMessage message)
    {
        Add(message.UserId, -message.CostUnits);
        _charged.Add(message.Id, message);
    }

    /// <summary>A message that ended without a provider having it gives its cost back, once.</summary>
    public void Refund(Guid id)
    {
        Assert.True(_charged.Remove(id, out var message), $"message {id} ends twice");
        Add(message.UserId, message.CostUnits);
    }

    /// <summary>A message that nobody knows any more: as if it had never been charged.</summary>
    public void Lose(QueuedMessage message)
    {
        if (_charged.Remove(message.Id) || _kept.Remove(message.Id))
        {
            Add(message.UserId, message.CostUnits);
        }
    }

    /// <summary>A message whose end nobody knows any more.</summary>
    public void Reopen(QueuedMessage message)
    {
        if (!_charged.ContainsKey(message.Id) && !_kept.Remove(message.Id))
        {
            _balances[message.UserId] -= message.CostUnits;
        }

        _charged[message.Id] = message;
    }

    /// <summary>A message that a provider has taken keeps its cost.</summary>
    public void Keep(Guid id)
    {
        Assert.True(_charged.Remove(id), $"message {id} ends twice");
        _kept.Add(id);
    }
}
