using SmsGateway.Core.Providers;
using SmsGateway.Core.Settings;

namespace SmsGateway.Api.Health;

/// <summary>The look at the parts of the gateway.</summary>
internal static class HealthExtensions
{
    public static IHostApplicationBuilder AddHealth(this IHostApplicationBuilder builder)
    {
        builder.Services.AddValidatedOptions<HealthOptions, HealthOptionsValidator>(HealthOptions.Section);
        builder.Services.AddSingleton<BreakerBoard>();
        builder.Services.AddSingleton<HealthMetrics>();
        builder.Services.AddSingleton<HealthReporter>();
        builder.Services.AddHostedService<HealthWatch>();
        return builder;
    }
}
