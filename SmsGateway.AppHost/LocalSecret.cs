using System.Security.Cryptography;

namespace SmsGateway.AppHost;

/// <summary>
/// Secrets of a local run: taken from the configuration <c>Parameters:name</c>, else made once and kept in the data folder, for
/// a database that is kept between runs wants the same password again. A published stack gets its secrets from whoever deploys it.
/// </summary>
internal static class LocalSecret
{
    private const int LengthBytes = 24;

    public static IResourceBuilder<ParameterResource> AddSecret(this IDistributedApplicationBuilder builder, AppHostSettings settings, string name) =>
        builder.ExecutionContext.IsRunMode
            ? builder.AddParameter(name, () => builder.Configuration[$"Parameters:{name}"] ?? ReadOrCreate(settings.DataFolder, name), secret: true)
            : builder.AddParameter(name, secret: true);

    /// <summary>A random value that the data folder keeps.</summary>
    public static string ReadOrCreate(string dataFolder, string name)
    {
        var file = Path.Combine(dataFolder, "secrets", name);
        if (!File.Exists(file))
        {
            PrivateFile.Write(file, RandomNumberGenerator.GetHexString(2 * LengthBytes, lowercase: true));
        }

        return File.ReadAllText(file).Trim();
    }
}
