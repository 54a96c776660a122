using Aspire.Hosting.ApplicationModel;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Aspire.Hosting.Running;

/// <summary>Asks a resource's health checks again and again and tells what has changed.</summary>
internal sealed class HealthProbe(HealthCheckService checks, TimeProvider time) : IDisposable
{
    private static readonly TimeSpan WhileUnhealthy = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan WhileHealthy = TimeSpan.FromSeconds(5);

    private readonly HttpClient _client = new() { Timeout = TimeSpan.FromSeconds(5) };

    public void Dispose() => _client.Dispose();

    /// <summary>Ends, without an exception, when it is cancelled.</summary>
    public async Task WatchAsync(IResource resource, int replica, Action<HealthStatus, string?> changed, CancellationToken cancellationToken)
    {
        HealthStatus? last = null;
        try
        {
            while (!cancellationToken.IsCancellationRequested)
            {
                var (status, why) = await CheckAsync(resource, replica, cancellationToken);
                if (status != last)
                {
                    // Not being healthy yet is no news; not being healthy any more is.
                    changed(status, last == HealthStatus.Healthy ? why : null);
                    last = status;
                }

                await Task.Delay(status == HealthStatus.Healthy ? WhileHealthy : WhileUnhealthy, time, cancellationToken);
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // The process has ended.
        }
    }

    private async Task<(HealthStatus Status, string? Why)> CheckAsync(IResource resource, int replica, CancellationToken cancellationToken)
    {
        foreach (var check in resource.Annotations.OfType<HttpHealthCheckAnnotation>())
        {
            var endpoint = resource.Annotations.OfType<EndpointAnnotation>().First(one => check.EndpointName is null || one.Name == check.EndpointName);
            var address = new Uri($"http://localhost:{endpoint.AllocatedPorts[replica]}{check.Path}");
            try
            {
                using var response = await _client.GetAsync(address, cancellationToken);
                if ((int)response.StatusCode != check.StatusCode)
                {
                    return (HealthStatus.Unhealthy, $"{address} answered {(int)response.StatusCode}");
                }
            }
            catch (Exception exception) when (exception is HttpRequestException || (exception is TaskCanceledException && !cancellationToken.IsCancellationRequested))
            {
                return (HealthStatus.Unhealthy, $"{address}: {exception.Message}");
            }
        }

        var keys = resource.Annotations.OfType<HealthCheckAnnotation>().Select(check => check.Key).ToHashSet(StringComparer.Ordinal);
        var report = await checks.CheckHealthAsync(registration => keys.Contains(registration.Name), cancellationToken);
        return (report.Status, report.Entries.Values.Select(entry => entry.Description ?? entry.Exception?.Message).FirstOrDefault(text => text is not null));
    }
}
