using SmsGateway.Core.Settings;

namespace SmsGateway.Api.Credits;

/// <summary>Balances, transactions and top-ups.</summary>
internal static class CreditExtensions
{
    public static IHostApplicationBuilder AddCredits(this IHostApplicationBuilder builder)
    {
        var services = builder.Services;
        services.AddValidatedOptions<CreditsOptions, CreditsOptionsValidator>(CreditsOptions.Section);
        services.AddSingleton<LedgerStore>();
        services.AddSingleton<Balances>();
        services.AddSingleton<TopUpHandler>();
        return builder;
    }
}
