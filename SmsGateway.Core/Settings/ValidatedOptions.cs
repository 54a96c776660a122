using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace SmsGateway.Core.Settings;

/// <summary>The one way in which a section of the configuration becomes options.</summary>
public static class ValidatedOptions
{
    /// <summary>Binds a section to options that are checked at the start: a wrong setting, or one that does not exist, stops it.</summary>
    public static IServiceCollection AddValidatedOptions<TOptions, TValidator>(this IServiceCollection services, string section)
        where TOptions : class
        where TValidator : class, IValidateOptions<TOptions>
    {
        services.AddOptions<TOptions>()
            .Configure<IConfiguration>((options, configuration) => SettingReader.Read(section.Length == 0 ? configuration : configuration.GetSection(section), options))
            .ValidateOnStart();
        if (section.Length > 0)
        {
            services.AddSingleton<IValidateOptions<TOptions>>(
                provider => new KnownSettings<TOptions>(provider.GetRequiredService<IConfiguration>(), section));
        }

        return services.AddSingleton<IValidateOptions<TOptions>, TValidator>();
    }

    /// <summary>The same, with a second validator for what must hold between settings.</summary>
    public static IServiceCollection AddValidatedOptions<TOptions, TValidator, TRules>(this IServiceCollection services, string section)
        where TOptions : class
        where TValidator : class, IValidateOptions<TOptions>
        where TRules : class, IValidateOptions<TOptions> =>
        services.AddValidatedOptions<TOptions, TValidator>(section).AddSingleton<IValidateOptions<TOptions>, TRules>();
}
