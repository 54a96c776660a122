using System.Globalization;
using Aspire.Hosting.ApplicationModel;
using Microsoft.Extensions.Configuration;

namespace Aspire.Hosting.Running;

/// <summary>Sends the projects' telemetry to a dashboard, if the configuration names one.</summary>
internal sealed class TelemetryEnvironment
{
    private readonly string? _endpoint;
    private readonly string? _headers;

    public TelemetryEnvironment(IConfiguration configuration)
    {
        _endpoint = configuration["ASPIRE_DASHBOARD_OTLP_ENDPOINT_URL"] ?? configuration["DOTNET_DASHBOARD_OTLP_ENDPOINT_URL"];
        _headers = configuration["AppHost:OtlpApiKey"] is { } key ? $"x-otlp-api-key={key}" : null;
    }

    public void AddTo(EnvironmentCallbackContext context, int replica)
    {
        context.EnvironmentVariables["OTEL_SERVICE_NAME"] = context.Resource.Name;
        // A dashboard puts the name before it, where there are several.
        context.EnvironmentVariables["OTEL_RESOURCE_ATTRIBUTES"] = string.Create(CultureInfo.InvariantCulture, $"service.instance.id={replica}");
        if (!string.IsNullOrEmpty(_endpoint))
        {
            context.EnvironmentVariables["OTEL_EXPORTER_OTLP_ENDPOINT"] = _endpoint;
            context.EnvironmentVariables["OTEL_EXPORTER_OTLP_PROTOCOL"] = "grpc";
            if (_headers is not null)
            {
                context.EnvironmentVariables["OTEL_EXPORTER_OTLP_HEADERS"] = _headers;
            }
        }
    }
}
