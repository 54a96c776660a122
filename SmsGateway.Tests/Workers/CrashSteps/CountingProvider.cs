using System.Collections.Concurrent;

using SmsGateway.Core.Messages;
using SmsGateway.Workers.Providers;

namespace SmsGateway.Tests.Workers.CrashSteps;

/// <summary>A provider that counts what it takes, and refuses one number.</summary>
/// <param name="honoursKey">Whether a message that it has taken is not taken again.</param>
internal sealed class CountingProvider(bool honoursKey) : IProvider
{
    public const string RefusedNumber = "+4900000000";

    private readonly ConcurrentDictionary<Guid, int> _taken = new();

    public bool CanLookUp => false;

    /// <summary>How often it has taken a message.</summary>
    public int Taken(Guid id) => _taken.GetValueOrDefault(id);

    public async Task<SendResult> SendAsync(QueuedMessage message, Departure departure, CancellationToken cancellationToken)
    {
        await departure.LeaveAsync(cancellationToken);
        if (message.Recipient == RefusedNumber)
        {
            return new SendResult.Refused("21610", RefusalScope.Message);
        }

        _taken.AddOrUpdate(message.Id, 1, (_, before) => honoursKey ? before : before + 1);
        return new SendResult.Accepted($"SM{message.Id:N}");
    }

    public Task<LookUp> LookUpAsync(QueuedMessage message, CancellationToken cancellationToken) => throw new NotSupportedException();
}
