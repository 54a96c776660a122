namespace SmsGateway.Workers.Claims;

internal static class ClaimLoopExtensions
{
    /// <summary>Adds a buffer and the loop that empties it.</summary>
    public static IServiceCollection AddClaimLoop<TSource, TClaim>(this IServiceCollection services, Func<IServiceProvider, ClaimLoopSettings> settings)
        where TSource : class, IClaimSource<TClaim>
        where TClaim : class, IClaim
    {
        services.AddSingleton<IClaimSource<TClaim>, TSource>();
        services.AddSingleton(provider => ActivatorUtilities.CreateInstance<ClaimLoop<TClaim>>(provider, settings(provider)));
        services.AddSingleton<IClaimLoop>(provider => provider.GetRequiredService<ClaimLoop<TClaim>>());
        return services.AddHostedService(provider => provider.GetRequiredService<ClaimLoop<TClaim>>());
    }
}
