using Microsoft.Extensions.Options;

using SmsGateway.Core.Settings;
using SmsGateway.Workers.Claims;

namespace SmsGateway.Workers.Ingest;

internal static class IngestExtensions
{
    /// <summary>Adds <c>batch_ingest_sms</c>.</summary>
    public static IHostApplicationBuilder AddIngest(this IHostApplicationBuilder builder)
    {
        builder.Services.AddValidatedOptions<IngestOptions, IngestOptionsValidator>(IngestOptions.Section);
        builder.Services.AddSingleton<PartitionCatalog>();
        builder.Services.AddSingleton<IngestTransaction>();
        builder.Services.AddHostedService<FencePruner>();
        builder.Services.AddSingleton<IngestMetrics>();
        builder.Services.AddClaimLoop<Ingester, IngestClaim>(services =>
        {
            var options = services.GetRequiredService<IOptions<IngestOptions>>().Value;
            return new(options.BatchSize, options.Parallelism, options.Linger);
        });
        return builder;
    }
}
