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
        services.AddValidatedOptions<ReceiptProviders, ReceiptProvidersValidator, ReceiptProvidersRules>("");
        services.AddSingleton<ReceiptMetrics>();
        services.AddSingleton<ReceiptStore>();
        services.AddSingleton<ReceiptHandler>();
        services.AddSingleton<HttpReceiptHandler>();
        return builder;
    }
}
