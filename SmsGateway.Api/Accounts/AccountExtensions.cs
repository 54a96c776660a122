using SmsGateway.Core.Accounts;
using SmsGateway.Core.Settings;

namespace SmsGateway.Api.Accounts;

/// <summary>Who may call what.</summary>
internal static class AccountExtensions
{
    public static IHostApplicationBuilder AddAccounts(this IHostApplicationBuilder builder)
    {
        builder.Services.AddValidatedOptions<AccountsOptions, AccountsOptionsValidator>(AccountsOptions.Section);
        builder.Services.AddSingleton<KeyCache>();
        builder.Services.AddSingleton<KeyStore>();
        builder.Services.AddSingleton<KeyDirectory>();
        builder.Services.AddHostedService<KeyPoll>();
        return builder;
    }

    public static WebApplication UseApiKeys(this WebApplication app)
    {
        app.UseMiddleware<ApiKeyMiddleware>();
        return app;
    }

    /// <summary>Demands a right of the callers of an endpoint or group; the innermost demand counts.</summary>
    public static TBuilder RequireRight<TBuilder>(
        this TBuilder builder, Rights right, SuspendedAccounts suspended = SuspendedAccounts.Admitted)
        where TBuilder : IEndpointConventionBuilder =>
        builder.WithMetadata(new RequiredRight(right, suspended));
}
