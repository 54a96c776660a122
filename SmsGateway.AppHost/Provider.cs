namespace SmsGateway.AppHost;

/// <summary>The upstream provider that the app model brings: locally our simulator, in a deployment whatever the parameters name.</summary>
internal sealed record Provider(
    string Name,
    ReferenceExpression Address,
    ReferenceExpression AccountSid,
    IResourceBuilder<ParameterResource> AuthToken,
    ReferenceExpression Sender,
    bool HonoursIdempotencyKey,
    IResourceBuilder<ProjectResource>? Simulator);

internal static class ProviderExtensions
{
    // One of Twilio's own numbers for tests.
    private const string SimulatorSender = "+15005550006";

    // Twilio's form: AC and 32 hexadecimal digits. It is a name, not a secret.
    private static readonly string SimulatorAccountSid = "AC" + new string('0', 32);

    /// <summary>Adds it; null where the operator's settings name providers.</summary>
    public static Provider? AddProvider(this IDistributedApplicationBuilder builder, AppHostSettings settings)
    {
        if (settings.SettingsFile is { NamesProviders: true })
        {
            return null;
        }

        var authToken = builder.AddSecret(settings, "provider-auth-token");
        if (!builder.ExecutionContext.IsRunMode)
        {
            var address = builder.AddParameter("provider-address");
            var accountSid = builder.AddParameter("provider-account-sid");
            var sender = builder.AddParameter("provider-sender");
            return new(
                "twilio", ReferenceExpression.Create($"{address}"), ReferenceExpression.Create($"{accountSid}"), authToken,
                ReferenceExpression.Create($"{sender}"), HonoursIdempotencyKey: false, Simulator: null);
        }

        var simulator = builder.AddProject<Projects.SmsGateway_ProviderSimulator>("simulator", launchProfileName: null)
            .AsService(settings)
            .WithHttpEndpoint(isProxied: false)
            .WithHttpHealthCheck("/alive")
            .WithEnvironment("Twilio__AccountSid", SimulatorAccountSid)
            .WithEnvironment("Twilio__AuthToken", authToken)
            .WithEnvironment("Simulator__Faults__Idempotency", "Honoured");
        return new(
            "simulator", ReferenceExpression.Create($"{simulator.GetEndpoint("http")}"), ReferenceExpression.Create($"{SimulatorAccountSid}"), authToken,
            ReferenceExpression.Create($"{SimulatorSender}"), HonoursIdempotencyKey: true, simulator);
    }

    /// <summary>Makes it the service's only provider; null: the service knows its providers from the operator's settings.</summary>
    public static IResourceBuilder<ProjectResource> WithReference(this IResourceBuilder<ProjectResource> service, Provider? provider)
    {
        if (provider is null)
        {
            return service;
        }

        service
            .WithEnvironment("Providers__0__Name", provider.Name)
            .WithEnvironment("Providers__0__Kind", "twilio")
            .WithEnvironment("Providers__0__Address", provider.Address)
            .WithEnvironment("Providers__0__AccountSid", provider.AccountSid)
            .WithEnvironment("Providers__0__AuthToken", provider.AuthToken)
            .WithEnvironment("Providers__0__From", provider.Sender)
            .WithEnvironment("Providers__0__HonoursIdempotencyKey", provider.HonoursIdempotencyKey ? "true" : "false");
        return provider.Simulator is { } simulator ? service.WaitFor(simulator) : service;
    }
}
