using Microsoft.Extensions.Configuration;

namespace SmsGateway.AppHost;

/// <summary>An operator's settings of our own services: a JSON file that goes before what this app model says. For local runs.</summary>
/// <param name="Path">Where it is.</param>
/// <param name="NamesProviders">Whether messages go to providers of the operator's; then there is no simulator.</param>
internal sealed record SettingsFile(string Path, bool NamesProviders)
{
    /// <summary>Its name in the configuration, of the AppHost and of the services.</summary>
    public const string Setting = "SettingsFile";

    /// <summary>
    /// The sections that one of our services reads. Each service knows the names in its own sections; that a section is nobody's can be seen only here.
    /// </summary>
    internal static readonly string[] Sections =
    [
        "Accept", "Accounts", "Credits", "Dispatch", "Gateway", "Health", "Ingest", "Numbers", "Partitions", "Pricing", "Providers", "Receipts", "Redis", "Simulator",
        "Status", "Twilio", "Watchdog", "Webhooks",
    ];

    /// <summary>Sections of the framework.</summary>
    private static readonly string[] FrameworkSections = ["Aspire", "ConnectionStrings", "Kestrel", "Logging", "Metrics"];

    /// <summary>Null where none is named.</summary>
    /// <exception cref="DistributedApplicationException">There is no such file, it is no JSON, or it has a section that nobody reads.</exception>
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
            RefuseUnknown(settings);
            return new(path, settings.GetSection("Providers").GetChildren().Any());
        }
        catch (Exception error) when (error is FileNotFoundException or InvalidDataException)
        {
            var reason = error is FileNotFoundException ? "there is no such file" : error.GetBaseException().Message;
            throw new DistributedApplicationException($"The setting {Setting} is '{path}': {reason}.");
        }
    }

    private static void RefuseUnknown(IConfigurationRoot settings)
    {
        var unknown = settings.GetChildren().FirstOrDefault(child => child.Value is null && child.GetChildren().Any()
            && !Sections.Concat(FrameworkSections).Contains(child.Key, StringComparer.OrdinalIgnoreCase));
        if (unknown is not null)
        {
            throw new DistributedApplicationException($"{unknown.Key} is no section of the settings; there are: {string.Join(", ", Sections)}");
        }
    }
}
