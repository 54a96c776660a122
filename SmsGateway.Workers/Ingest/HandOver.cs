using SmsGateway.Core.Messages;

using StackExchange.Redis;

namespace SmsGateway.Workers.Ingest;

/// <summary>Writes the instructions of hand_over.lua for a claim that has landed.</summary>
internal sealed class HandOver(DateTimeOffset now)
{
    private readonly List<RedisValue> _instructions = [];

    public List<RedisValue> Instructions(IngestClaim claim, IReadOnlyDictionary<Guid, string> dropped)
    {
        var costs = new Dictionary<long, long>();
        var ready = new Dictionary<(Priority Priority, long UserId), List<QueuedMessage>>();
        foreach (var message in claim.Messages)
        {
            costs[message.UserId] = checked(costs.GetValueOrDefault(message.UserId) + message.CostUnits);
            if (dropped.TryGetValue(message.Id, out string? reason))
            {
                Drop(message, reason);
            }
            else if (message.ScheduledAt > now)
            {
                Later(message, message.ScheduledAt.Value);
            }
            else if (ready.TryGetValue((message.Priority, message.UserId), out var group))
            {
                group.Add(message);
            }
            else
            {
                ready.Add((message.Priority, message.UserId), [message]);
            }
        }

        foreach (var ((priority, userId), messages) in ready)
        {
            _instructions.AddRange(["send", priority.Name(), userId, messages.Count]);
            _instructions.AddRange(messages.Select(message => (RedisValue)message.Id.ToString()));
        }

        foreach (var (userId, cost) in costs)
        {
            _instructions.AddRange(["cost", userId, cost]);
        }

        foreach (var rejected in claim.Unreadable)
        {
            if (rejected.Charge is { } charge)
            {
                _instructions.AddRange(["cost", charge.UserId, charge.Units]);
                Refund(charge.UserId, charge.Units);
            }

            Bury(rejected.Id, rejected.Reason, rejected.Payload);
        }

        return _instructions;
    }

    private void Drop(QueuedMessage message, string reason)
    {
        if (reason == IngestTransaction.Duplicate)
        {
            _instructions.AddRange(["drop", message.Id.ToString()]);
        }
        else
        {
            Refund(message.UserId, message.CostUnits);
            Bury(message.Id.ToString(), reason, MessageJson.Write(message));
        }
    }

    private void Refund(long userId, long units) => _instructions.AddRange(["refund", userId, units]);

    private void Later(QueuedMessage message, DateTimeOffset due) => _instructions.AddRange(
        ["later", due.ToUnixTimeMilliseconds(), message.Priority.Name(), message.UserId, message.Id.ToString()]);

    private void Bury(string id, string reason, byte[] payload) => _instructions.AddRange(
        ["dead", id, MessageJson.Write(new DeadLetter { Source = "ingest", Reason = reason, At = now, Id = id, Payload = payload })]);
}
