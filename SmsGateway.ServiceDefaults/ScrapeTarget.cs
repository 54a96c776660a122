using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace SmsGateway.ServiceDefaults;

/// <summary>
/// Tells a Prometheus on the same machine where this process is to be scraped, by a file of its discovery
/// (https://prometheus.io/docs/prometheus/latest/configuration/configuration/#file_sd_config): each replica has a port of its own, which nobody but
/// itself knows for certain. The file goes when the process stops; one that was killed leaves it, and so is seen to be down, until a successor
/// removes it.
/// </summary>
internal sealed class ScrapeTarget(IServer server, IHostApplicationLifetime lifetime, string folder, string service) : IHostedService
{
    private readonly string _file = Path.Combine(folder, string.Create(CultureInfo.InvariantCulture, $"{service}-{Environment.ProcessId}.json"));

    public Task StartAsync(CancellationToken cancellationToken)
    {
        // The server has its addresses when everything has started.
        lifetime.ApplicationStarted.Register(Write);
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken)
    {
        File.Delete(_file);
        return Task.CompletedTask;
    }

    private void Write()
    {
        string[] targets = [.. server.Features.Get<IServerAddressesFeature>()!.Addresses.Select(address => new Uri(address)).Select(uri => $"127.0.0.1:{uri.Port}")];
        Directory.CreateDirectory(folder);
        foreach (string left in Directory.EnumerateFiles(folder, $"{service}-*.json").Where(IsOfDead))
        {
            File.Delete(left);
        }

        // Moved into place, so that nobody reads half of it.
        string draft = _file + ".new";
        File.WriteAllText(draft, JsonSerializer.Serialize([new(targets, new() { ["service"] = service })], ScrapeTargetJson.Default.TargetGroupArray));
        File.Move(draft, _file, overwrite: true);
    }

    private static bool IsOfDead(string file)
    {
        string id = Path.GetFileNameWithoutExtension(file)[(Path.GetFileNameWithoutExtension(file).LastIndexOf('-') + 1)..];
        return int.TryParse(id, NumberStyles.None, CultureInfo.InvariantCulture, out int process) && !Directory.Exists($"/proc/{process}");
    }
}

/// <summary>Targets with what is known of them.</summary>
internal sealed record TargetGroup(string[] Targets, Dictionary<string, string> Labels);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(TargetGroup[]))]
internal sealed partial class ScrapeTargetJson : JsonSerializerContext;

internal static class ScrapeTargetExtensions
{
    /// <summary>Setting <c>Metrics:TargetsFolder</c>; without it nothing is written.</summary>
    public static void AddScrapeTarget(this IHostApplicationBuilder builder)
    {
        if (builder.Configuration["Metrics:TargetsFolder"] is { Length: > 0 } folder)
        {
            builder.Services.AddHostedService(services => ActivatorUtilities.CreateInstance<ScrapeTarget>(services, folder, builder.Environment.ApplicationName));
        }
    }
}
