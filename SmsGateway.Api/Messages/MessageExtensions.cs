using Microsoft.Extensions.Options;

using SmsGateway.Core.Settings;

namespace SmsGateway.Api.Messages;

/// <summary>The accept path and the look-ups.</summary>
internal static class MessageExtensions
{
    public static IHostApplicationBuilder AddMessages(this IHostApplicationBuilder builder)
    {
        var services = builder.Services;
        services.AddValidatedOptions<AcceptOptions, AcceptOptionsValidator>(AcceptOptions.Section);
        services.AddValidatedOptions<PricingOptions, PricingOptionsValidator>(PricingOptions.Section);
        services.AddSingleton<IValidateOptions<PricingOptions>, PricingRules>();
        services.AddValidatedOptions<NumbersOptions, NumbersOptionsValidator>(NumbersOptions.Section);
        services.AddSingleton<AcceptMetrics>();
        services.AddSingleton<PhoneNumbers>();
        services.AddSingleton<PriceList>();
        services.AddSingleton<SendValidator>();
        services.AddSingleton<Charger>();
        services.AddSingleton<Acceptor>();
        services.AddSingleton<SendHandler>();
        services.AddSingleton<MessageStore>();
        services.AddSingleton<MessageReader>();
        services.AddSingleton<Canceller>();
        return builder;
    }
}
