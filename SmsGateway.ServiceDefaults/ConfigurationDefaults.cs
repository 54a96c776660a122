using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Configuration.Memory;

namespace SmsGateway.ServiceDefaults;

/// <summary>Settings for those who set nothing.</summary>
internal static class ConfigurationDefaults
{
    /// <summary>Adds the lowest layer of the configuration: files, environment and command line all override it.</summary>
    public static void AddDefaults(this IConfigurationManager configuration, Dictionary<string, string?> settings) =>
        configuration.Sources.Insert(0, new MemoryConfigurationSource { InitialData = settings });
}
