using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace SmsGateway.Core.Settings;

/// <summary>The one way in which a section of the configuration becomes options.</summary>
public static class ValidatedOptions
{
    /// <summary>Binds a section to options that are checked at the start: a wrong setting stops it. Further rules are further validators.</summary>
    public static IServiceCollection AddValidatedOptions<TOptions, TValidator>(this IServiceCollection services, string section)
        where TOptions : class
        where TValidator : class, IValidateOptions<TOptions>
    {
        services.AddOptions<TOptions>().BindConfiguration(section).ValidateOnStart();
        return services.AddSingleton<IValidateOptions<TOptions>, TValidator>();
    }
}
