using SmsGateway.Core.Providers;

namespace SmsGateway.Api.Health;

/// <summary>The look at the parts of the gateway.</summary>
internal static class HealthExtensions
{
    public static IHostApplicationBuilder AddHealth(this IHostApplicationBuilder builder)
    {
        builder.Services.AddSingleton<BreakerBoard>();
        builder.Services.AddSingleton<HealthReporter>();
        return builder;
    }
}
