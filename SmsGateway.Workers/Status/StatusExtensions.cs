using Microsoft.Extensions.Options;

using SmsGateway.Core.Settings;
using SmsGateway.Workers.Claims;

namespace SmsGateway.Workers.Status;

internal static class StatusExtensions
{
    /// <summary>Adds the flush of <c>sms_status_buffer</c>.</summary>
    public static IHostApplicationBuilder AddStatus(this IHostApplicationBuilder builder)
    {
        builder.Services.AddValidatedOptions<StatusOptions, StatusOptionsValidator>(StatusOptions.Section);
        builder.Services.AddSingleton<StatusTransaction>();
        builder.Services.AddSingleton<Repeats>();
        builder.Services.AddSingleton<StatusMetrics>();
        builder.Services.AddHostedService<DoubtEnder>();
        builder.Services.AddClaimLoop<StatusFlush, OutcomeBatch>(services =>
        {
            var options = services.GetRequiredService<IOptions<StatusOptions>>().Value;
            return new(options.BatchSize, Parallelism: 1, options.Linger);
        });
        return builder;
    }
}
