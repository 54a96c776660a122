using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using SmsGateway.ProviderSimulator.Control;
using SmsGateway.ProviderSimulator.Faults;
using SmsGateway.ProviderSimulator.Messages;
using SmsGateway.ProviderSimulator.Receipts;

namespace SmsGateway.ProviderSimulator;

/// <summary>Registrations and routes of the simulator.</summary>
internal static class SimulatorSetup
{
    // 1600 characters of which each takes 12 bytes when form-encoded, a callback url of 4000, and some room.
    private const int MaxRequestBytes = 64 * 1024;
    private const int MaxConnections = 20_000;

    public static WebApplicationBuilder AddSimulator(this WebApplicationBuilder builder)
    {
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = MaxRequestBytes;
            kestrel.Limits.MaxConcurrentConnections = MaxConnections;
        });

        var services = builder.Services;
        services.AddOptions<TwilioAccountOptions>().BindConfiguration(TwilioAccountOptions.Section).ValidateOnStart();
        services.AddOptions<SimulatorOptions>().BindConfiguration(SimulatorOptions.Section).ValidateOnStart();
        services.AddOptions<FaultOptions>().BindConfiguration($"{SimulatorOptions.Section}:Faults").ValidateOnStart();
        services.AddSingleton<IValidateOptions<TwilioAccountOptions>, TwilioAccountOptionsValidator>();
        services.AddSingleton<IValidateOptions<SimulatorOptions>, SimulatorOptionsValidator>();
        services.AddSingleton<IValidateOptions<FaultOptions>, FaultOptionsRangeValidator>();
        services.AddSingleton<IValidateOptions<FaultOptions>, FaultOptionsCrossValidator>();

        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton(provider => new FaultSwitch(provider.GetRequiredService<IOptions<FaultOptions>>().Value));
        services.AddSingleton<SimulatorStats>();
        services.AddSingleton<MessageJournal>();
        services.AddSingleton<MessageLog>();
        services.AddSingleton<RateGate>();
        services.AddSingleton<TwilioAuthentication>();
        services.AddSingleton<FaultyAnswers>();
        services.AddSingleton<MessageApi>();
        services.AddSingleton<TwilioDialect>();
        services.AddSingleton<JsonDialect>();
        services.AddSingleton<ReceiptQueue>();
        services.AddSingleton<ReceiptPoster>();
        services.AddHostedService<ReceiptSender>();
        services.AddHealthChecks().AddCheck<ReceiptQueueHealth>("receipts");
        return builder;
    }

    public static WebApplication MapSimulator(this WebApplication app)
    {
        var api = app.Services.GetRequiredService<MessageApi>();
        var twilio = app.Services.GetRequiredService<TwilioDialect>();
        var account = app.MapGroup($"/{TwilioDialect.Version}/Accounts/{{accountSid}}");
        account.MapPost("/Messages.json", context => api.CreateAsync(context, twilio));
        account.MapGet("/Messages/{sid}.json", context => api.FetchAsync(context, twilio));

        var json = app.Services.GetRequiredService<JsonDialect>();
        app.MapPost("/json/messages", context => api.CreateAsync(context, json));
        app.MapGet("/json/messages/{id}", context => api.FetchAsync(context, json));
        app.MapControl();
        app.MapHealthChecks("/health/");
        return app;
    }
}
