using Microsoft.Extensions.Configuration;

namespace SmsGateway.AppHost;

/// <summary>An operator's settings of our own services: a JSON file that goes before what this app model says. For local runs.</summary>
/// <param name="Path">Where it is.</param>
/// <param name="NamesProviders">Whether messages go to providers of the operator's; then there is no simulator.</param>
internal sealed record SettingsFile(string Path, bool NamesProviders)
{
    /// <summary>Its name in the configuration, of the AppHost and of the services.</summary>
    public const string Setting = "SettingsFile";

    /// <summary>Null where none is named.</summary>
    /// <exception cref="DistributedApplicationException">There is no such file, or it is no JSON.</exception>
    public static SettingsFile? Read(IConfiguration configuration, string folder)
    {
        if (configuration[Setting] is not { Length: > 0 } name)
        {
            return null;
        }

        var path = System.IO.Path.GetFullPath(name, folder);
        try
        {
            var settings = new ConfigurationBuilder().AddJsonFile(path, optional: false).Build();
            return new(path, settings.GetSection("Providers").GetChildren().Any());
        }
        catch (Exception error) when (error is FileNotFoundException or InvalidDataException)
        {
            var reason = error is FileNotFoundException ? "there is no such file" : error.GetBaseException().Message;
            throw new DistributedApplicationException($"The setting {Setting} is '{path}': {reason}.");
        }
    }
}
