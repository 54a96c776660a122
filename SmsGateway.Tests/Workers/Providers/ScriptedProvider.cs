using SmsGateway.Core.Messages;
using SmsGateway.Workers.Providers;

namespace SmsGateway.Tests.Workers.Providers;

/// <summary>A provider that gives the results that the test has laid out, and the last of them for ever.</summary>
internal sealed class ScriptedProvider : IProvider
{
    private readonly Queue<Func<Task<SendResult>>> _script = [];

    public ScriptedProvider(params SendResult[] results)
    {
        foreach (var result in results)
        {
            _script.Enqueue(() => Task.FromResult(result));
        }
    }

    /// <summary>The messages that it was asked to take.</summary>
    public List<QueuedMessage> Asked { get; } = [];

    /// <summary>What it answers when it is asked for a message; null: it cannot be asked.</summary>
    public LookUp? Known { get; init; }

    public bool CanLookUp => Known is not null;

    public Task<LookUp> LookUpAsync(QueuedMessage message, CancellationToken cancellationToken) => Task.FromResult(Known!.Value);

    public ScriptedProvider Then(Func<Task<SendResult>> step)
    {
        _script.Enqueue(step);
        return this;
    }

    public async Task<SendResult> SendAsync(QueuedMessage message, Departure departure, CancellationToken cancellationToken)
    {
        await departure.LeaveAsync(cancellationToken);
        Func<Task<SendResult>> step;
        lock (_script)
        {
            Asked.Add(message);
            step = _script.Count > 1 ? _script.Dequeue() : _script.Peek();
        }

        return await step();
    }
}
