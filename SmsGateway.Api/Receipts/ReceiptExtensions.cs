using Microsoft.Extensions.Options;

using SmsGateway.Core.Providers;
using SmsGateway.Core.Settings;

namespace SmsGateway.Api.Receipts;

/// <summary>Delivery receipts of providers.</summary>
internal static class ReceiptExtensions
{
    public static IHostApplicationBuilder AddReceipts(this IHostApplicationBuilder builder)
    {
        var services = builder.Services;
        services.AddValidatedOptions<ReceiptsOptions, ReceiptsOptionsValidator>(ReceiptsOptions.Section);
        services.AddOptions<ReceiptProviders>()
            .Configure(options => builder.Configuration.GetSection(ReceiptProviders.Section).Bind(options.Providers))
            .ValidateOnStart();
        services.AddSingleton<IValidateOptions<ReceiptProviders>, ReceiptProvidersValidator>();
        services.AddSingleton<ReceiptMetrics>();
        services.AddSingleton<ReceiptHandler>();
        return builder;
    }
}
