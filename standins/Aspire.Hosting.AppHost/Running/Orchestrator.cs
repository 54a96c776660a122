using System.Globalization;
using Aspire.Hosting.ApplicationModel;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;

namespace Aspire.Hosting.Running;

/// <summary>Starts every process of the model at once, each waits for what it needs; ends them in the opposite order.</summary>
internal sealed class Orchestrator(
    DistributedApplicationModel model, ResourceNotificationService notifications, HealthCheckService checks, IConfiguration configuration, TimeProvider time)
    : IHostedService, IDisposable
{
    private readonly HealthProbe _probe = new(checks, time);
    private readonly List<ResourceInstance> _instances = [];

    /// <summary>The processes of a resource, or the one with this id.</summary>
    public IReadOnlyList<ResourceInstance> Find(string nameOrId) =>
        [.. _instances.Where(instance => string.Equals(instance.Id, nameOrId, StringComparison.OrdinalIgnoreCase)
            || string.Equals(instance.Resource.Name, nameOrId, StringComparison.OrdinalIgnoreCase))];

    public Task StartAsync(CancellationToken cancellationToken)
    {
        AllocatePorts();
        var telemetry = new TelemetryEnvironment(configuration);
        foreach (var resource in model.Resources)
        {
            if (resource is not (ExecutableResource or ProjectResource))
            {
                // It has no process: a parameter, a connection string.
                notifications.Publish(resource, resource.Name, snapshot => snapshot with { State = KnownResourceStates.Running });
                notifications.Publish(resource, resource.Name, snapshot => snapshot with { HealthStatus = HealthStatus.Healthy });
                continue;
            }

            var replicas = Replicas(resource);
            for (var replica = 0; replica < replicas; replica++)
            {
                var id = replicas == 1 ? resource.Name : string.Create(CultureInfo.InvariantCulture, $"{resource.Name}-{replica}");
                _instances.Add(new ResourceInstance(resource, id, replica, notifications, _probe, telemetry, time));
            }
        }

        _instances.ForEach(instance => instance.Start());
        return Task.CompletedTask;
    }

    /// <summary>Ends each process after those that waited for it. Safe to call again.</summary>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        var stops = new Dictionary<ResourceInstance, Task>();
        Task Stop(ResourceInstance instance)
        {
            if (!stops.TryGetValue(instance, out var stop))
            {
                var dependents = _instances.Where(other => other.Resource.Annotations.OfType<WaitAnnotation>().Any(wait => wait.Resource == instance.Resource));
                stop = StopAfterAsync(instance, Task.WhenAll(dependents.Select(Stop).ToList()));
                stops.Add(instance, stop);
            }

            return stop;
        }

        await Task.WhenAll(_instances.Select(Stop).ToList());
    }

    public void Dispose()
    {
        _instances.ForEach(instance => instance.Dispose());
        _probe.Dispose();
    }

    private static async Task StopAfterAsync(ResourceInstance instance, Task dependents)
    {
        await dependents;
        await instance.StopAsync();
    }

    private static int Replicas(IResource resource) => resource.Annotations.OfType<ReplicaAnnotation>().LastOrDefault()?.Replicas ?? 1;

    private void AllocatePorts()
    {
        var ports = new PortAllocator();
        var endpoints = model.Resources.SelectMany(resource => resource.Annotations.OfType<EndpointAnnotation>().Select(endpoint => (resource, endpoint))).ToList();
        foreach (var (_, endpoint) in endpoints.Where(one => one.endpoint.Port is not null))
        {
            ports.Exclude(endpoint.Port!.Value);
        }

        foreach (var (resource, endpoint) in endpoints)
        {
            endpoint.AllocatedPorts = endpoint.Port is { } port ? [port] : [.. Enumerable.Range(0, Replicas(resource)).Select(_ => ports.Allocate())];
        }
    }
}
