using System.Collections.Immutable;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Aspire.Hosting.ApplicationModel;

/// <summary>The states of a resource.</summary>
public static class KnownResourceStates
{
    public static readonly string Waiting = "Waiting";
    public static readonly string Starting = "Starting";
    public static readonly string Running = "Running";
    public static readonly string FailedToStart = "FailedToStart";
    public static readonly string Stopping = "Stopping";
    public static readonly string Exited = "Exited";
    public static readonly string Finished = "Finished";
    public static readonly IReadOnlyList<string> TerminalStates = [FailedToStart, Exited, Finished];
}

/// <summary>A state.</summary>
public sealed record ResourceStateSnapshot(string Text, string? Style)
{
    public static implicit operator ResourceStateSnapshot?(string? s) => s is null ? null : new(s, null);
}

/// <summary>A property, such as <c>executable.pid</c>.</summary>
public sealed record ResourcePropertySnapshot(string Name, object? Value);

/// <summary>What a resource is like at some moment.</summary>
public sealed record CustomResourceSnapshot
{
    public required string ResourceType { get; init; }

    public required ImmutableArray<ResourcePropertySnapshot> Properties { get; init; }

    public ResourceStateSnapshot? State { get; init; }

    public int? ExitCode { get; init; }

    public HealthStatus? HealthStatus { get; init; }

    internal bool IsTerminal => State is { } state && KnownResourceStates.TerminalStates.Contains(state.Text);
}

/// <summary>A change of a resource.</summary>
public class ResourceEvent(IResource resource, string resourceId, CustomResourceSnapshot snapshot)
{
    public IResource Resource { get; } = resource;
    public string ResourceId { get; } = resourceId;
    public CustomResourceSnapshot Snapshot { get; } = snapshot;
}

/// <summary>Knows the state of every resource and lets others wait for one.</summary>
public class ResourceNotificationService
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, ResourceEvent> _current = new(StringComparer.OrdinalIgnoreCase);
    private readonly List<(Func<ResourceEvent, bool> Matches, TaskCompletionSource<ResourceEvent> Source)> _waiters = [];
    public Task WaitForResourceAsync(string resourceName, string? targetState = null, CancellationToken cancellationToken = default) =>
        WaitForResourceAsync(resourceName, update => update.Snapshot.State?.Text == (targetState ?? KnownResourceStates.Running), cancellationToken);
    public async Task<ResourceEvent> WaitForResourceAsync(string resourceName, Func<ResourceEvent, bool> predicate, CancellationToken cancellationToken = default)
    {
        bool Matches(ResourceEvent update) =>
            (string.Equals(update.Resource.Name, resourceName, StringComparison.OrdinalIgnoreCase)
                || string.Equals(update.ResourceId, resourceName, StringComparison.OrdinalIgnoreCase))
            && predicate(update);
        var source = new TaskCompletionSource<ResourceEvent>(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_lock)
        {
            if (_current.Values.FirstOrDefault(Matches) is { } now)
            {
                return now;
            }

            _waiters.Add((Matches, source));
        }

        try
        {
            return await source.Task.WaitAsync(cancellationToken);
        }
        finally
        {
            lock (_lock)
            {
                _waiters.RemoveAll(waiter => waiter.Source == source);
            }
        }
    }

    public Task<ResourceEvent> WaitForResourceHealthyAsync(string resourceName, CancellationToken cancellationToken = default) =>
        WaitForResourceHealthyAsync(resourceName, WaitBehavior.WaitOnResourceUnavailable, cancellationToken);
    public async Task<ResourceEvent> WaitForResourceHealthyAsync(string resourceName, WaitBehavior waitBehavior, CancellationToken cancellationToken = default)
    {
        var update = await WaitForResourceAsync(
            resourceName,
            update => update.Snapshot.HealthStatus == HealthStatus.Healthy
                || (waitBehavior == WaitBehavior.StopOnResourceUnavailable && update.Snapshot.IsTerminal),
            cancellationToken);
        return update.Snapshot.IsTerminal
            ? throw new DistributedApplicationException($"Resource '{resourceName}' cannot become healthy: it is {update.Snapshot.State!.Text}.")
            : update;
    }

    internal void Publish(IResource resource, string resourceId, Func<CustomResourceSnapshot, CustomResourceSnapshot> change)
    {
        lock (_lock)
        {
            var before = _current.GetValueOrDefault(resourceId)?.Snapshot
                ?? new CustomResourceSnapshot { ResourceType = resource.GetType().Name, Properties = [] };
            var after = change(before);
            if (after.State?.Text != KnownResourceStates.Running)
            {
                after = after with { HealthStatus = null };
            }

            var update = new ResourceEvent(resource, resourceId, after);
            _current[resourceId] = update;
            foreach (var waiter in _waiters.Where(waiter => waiter.Matches(update)))
            {
                waiter.Source.TrySetResult(update);
            }
        }
    }
}
