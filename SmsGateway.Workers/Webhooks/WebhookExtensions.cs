using System.Security.Cryptography;

using Microsoft.Extensions.Options;

using SmsGateway.Core.Settings;

namespace SmsGateway.Workers.Webhooks;

internal static class WebhookExtensions
{
    /// <summary>Adds what tells customers of their messages. Needs the database and the clock.</summary>
    public static IHostApplicationBuilder AddWebhooks(this IHostApplicationBuilder builder)
    {
        builder.Services.AddValidatedOptions<WebhookOptions, WebhookOptionsValidator>(WebhookOptions.Section);
        builder.Services.AddSingleton<IValidateOptions<WebhookOptions>, WebhookRules>();
        builder.Services.AddSingleton<WebhookTargets>();
        builder.Services.AddSingleton<WebhookConnections>();
        builder.Services.AddSingleton<WebhookSender>();
        builder.Services.AddSingleton<WebhookSecrets>();
        builder.Services.AddSingleton<WebhookOutbox>();
        builder.Services.AddSingleton<WebhookMetrics>();
        builder.Services.AddHostedService(services =>
        {
            // For the one loop that uses it, and nobody else: a Random is not safe for several.
            var random = new Random(RandomNumberGenerator.GetInt32(int.MaxValue));
            var schedule = ActivatorUtilities.CreateInstance<WebhookSchedule>(services, random);
            return ActivatorUtilities.CreateInstance<WebhookDelivery>(services, schedule, random);
        });
        builder.Services.AddHostedService<WebhookPruner>();
        return builder;
    }
}
