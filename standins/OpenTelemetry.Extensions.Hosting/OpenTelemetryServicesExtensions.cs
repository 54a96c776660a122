using Microsoft.Extensions.Hosting;
using OpenTelemetry;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Ties the OpenTelemetry SDK to the life of a host.</summary>
public static class OpenTelemetryServicesExtensions
{
    /// <summary>Starts telemetry with the host and flushes it when the host's services are disposed. Safe to call repeatedly.</summary>
    public static OpenTelemetryBuilder AddOpenTelemetry(this IServiceCollection services)
    {
        ArgumentNullException.ThrowIfNull(services);

        if (!services.Any(service => service.ImplementationType == typeof(TelemetryHostedService)))
        {
            // First of all hosted services: the others must find their meters and sources listened to.
            services.Insert(0, ServiceDescriptor.Singleton<IHostedService, TelemetryHostedService>());
        }

        return new OpenTelemetryBuilder(services);
    }
}
