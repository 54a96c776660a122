using Microsoft.Extensions.Configuration;

namespace Microsoft.Extensions.Hosting;

/// <summary>An operator's own settings, for all services alike.</summary>
public static class SettingsFileExtensions
{
    private const string Setting = "SettingsFile";

    /// <summary>
    /// Adds the JSON file that the setting <c>SettingsFile</c> names, if any, above every other source: what the operator writes there goes before
    /// what the app model says.
    /// </summary>
    public static void AddSettingsFile(this IConfigurationManager configuration)
    {
        if (configuration[Setting] is { Length: > 0 } file)
        {
            configuration.AddJsonFile(Path.GetFullPath(file), optional: false, reloadOnChange: false);
        }
    }
}
