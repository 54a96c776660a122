namespace SmsGateway.AppHost;

internal static class WebhookExtensions
{
    /// <summary>Locally a customer's listener is on this machine and has no certificate. A deployment calls public https addresses only.</summary>
    public static IResourceBuilder<ProjectResource> WithLocalWebhooks(this IResourceBuilder<ProjectResource> workers) =>
        workers.ApplicationBuilder.ExecutionContext.IsRunMode
            ? workers
                .WithEnvironment("Webhooks__Transport", "HttpAndHttps")
                .WithEnvironment("Webhooks__AllowedNetworks__0", "127.0.0.0/8")
                .WithEnvironment("Webhooks__AllowedNetworks__1", "::1/128")
            : workers;
}
