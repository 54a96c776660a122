using Microsoft.Extensions.Options;

using SmsGateway.Core.Providers;
using SmsGateway.Core.Settings;
using SmsGateway.Workers.Providers.Http;
using SmsGateway.Workers.Providers.Twilio;

namespace SmsGateway.Workers.Providers;

/// <summary>Makes the configured providers.</summary>
internal static class ProviderExtensions
{
    // Shorter than the idle timeouts of load balancers, so that a request rarely meets a connection that is just being closed: its outcome
    // would be unknown.
    private static readonly TimeSpan IdleConnectionLifetime = TimeSpan.FromSeconds(20);

    // How soon a change of the provider's addresses in DNS is followed.
    private static readonly TimeSpan ConnectionLifetime = TimeSpan.FromMinutes(5);

    public static IHostApplicationBuilder AddProviders(this IHostApplicationBuilder builder)
    {
        var services = builder.Services;
        services.AddValidatedOptions<ProvidersOptions, ProvidersOptionsValidator, ProvidersRules>("");
        services.AddValidatedOptions<ReceiptsOptions, ReceiptsOptionsValidator>(ReceiptsOptions.Section);
        services.AddSingleton<ProviderMetrics>();
        services.AddSingleton<ITokenSource, RedisTokens>();
        services.AddSingleton<IReadOnlyList<ProviderLine>>(CreateLines);

        foreach (var provider in builder.Configuration.GetSection(ProvidersOptions.Section).GetChildren())
        {
            AddClient(services, ClientName(provider[nameof(ProviderOptions.Name)] ?? ""));
        }

        return builder;
    }

    /// <summary>
    /// A client that sends once and lets the line's pipeline judge: the default resilience handler would bring a second timeout and breaker
    /// that know nothing of Twilio's answers, a followed redirect would be a POST sent twice, and the default loggers name the account.
    /// </summary>
    private static void AddClient(IServiceCollection services, string name) => services.AddHttpClient(name)
        .ConfigureHttpClient(client => client.Timeout = Timeout.InfiniteTimeSpan)
        .ConfigureAdditionalHttpMessageHandlers((handlers, _) => handlers.Clear())
        .RemoveAllLoggers()
        .SetHandlerLifetime(Timeout.InfiniteTimeSpan)
        .ConfigurePrimaryHttpMessageHandler(provider =>
        {
            var providers = provider.GetRequiredService<IOptions<ProvidersOptions>>().Value.Providers;
            return CreateHandler(providers.Find(one => ClientName(one.Name) == name)!);
        });

    internal static SocketsHttpHandler CreateHandler(ProviderOptions options) => new()
    {
        AllowAutoRedirect = false,
        UseCookies = false,
        ConnectTimeout = options.AttemptTimeout,
        MaxConnectionsPerServer = options.MaxConcurrency,
        PooledConnectionLifetime = ConnectionLifetime,
        PooledConnectionIdleTimeout = IdleConnectionLifetime,
    };

    private static List<ProviderLine> CreateLines(IServiceProvider services)
    {
        var log = services.GetRequiredService<ILogger<ProviderLine>>();
        var time = services.GetRequiredService<TimeProvider>();
        var metrics = services.GetRequiredService<ProviderMetrics>();
        var publicUrl = services.GetRequiredService<IOptions<ReceiptsOptions>>().Value.PublicUrl;
        var lines = new List<ProviderLine>();
        foreach (var options in services.GetRequiredService<IOptions<ProvidersOptions>>().Value.Providers)
        {
            if (options.Enabled)
            {
                lines.Add(new ProviderLine(Create(services, options, publicUrl), options, time, metrics, log, CreateRate(services, options)));
            }
        }

        if (publicUrl is null)
        {
            ProviderLog.NoReceipts(log);
        }

        if (lines.Count == 0)
        {
            ProviderLog.NoneEnabled(log);
        }

        return lines;
    }

    private static RateLimit? CreateRate(IServiceProvider services, ProviderOptions options) =>
        options.MessagesPerSecond is not { } limit
            ? null
            : new RateLimit(
                options.Name,
                new RateContract(limit, options.RateJitter),
                services.GetRequiredService<ITokenSource>(),
                services.GetRequiredService<TimeProvider>());

    private static IProvider Create(IServiceProvider services, ProviderOptions options, Uri? publicUrl)
    {
        var http = services.GetRequiredService<IHttpClientFactory>().CreateClient(ClientName(options.Name));
        var time = services.GetRequiredService<TimeProvider>();
        return options.Kind switch
        {
            ProviderOptions.Twilio => new TwilioProvider(
                options, publicUrl, http, time, services.GetRequiredService<ILogger<TwilioProvider>>()),
            ProviderOptions.HttpKind => new HttpTemplateProvider(
                options, publicUrl, http, time, services.GetRequiredService<ILogger<HttpTemplateProvider>>()),
            _ => throw new InvalidOperationException($"provider '{options.Name}' is of the unknown kind '{options.Kind}'"),
        };
    }

    private static string ClientName(string provider) => "provider-" + provider;
}
