using System.Reflection;

using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;

namespace SmsGateway.Core.Settings;

/// <summary>Refuses a name in the section that is none of its settings: a mistyped setting would be ignored in silence.</summary>
internal sealed class KnownSettings<TOptions>(IConfiguration configuration, string section) : IValidateOptions<TOptions>
    where TOptions : class
{
    public ValidateOptionsResult Validate(string? name, TOptions options)
    {
        var others = typeof(TOptions).GetCustomAttribute<SharedSectionAttribute>()?.Others ?? [];
        string[] known = [.. typeof(TOptions).GetProperties().Select(property => property.Name)];
        var unknown = configuration.GetSection(section).GetChildren()
            .Where(setting => !known.Concat(others).Contains(setting.Key, StringComparer.OrdinalIgnoreCase))
            .Select(setting => $"{setting.Path} is no setting; there are: {string.Join(", ", known.Order(StringComparer.Ordinal))}")
            .ToList();
        return unknown.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(unknown);
    }
}
