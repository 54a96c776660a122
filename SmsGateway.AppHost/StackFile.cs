using System.Text.Encodings.Web;
using System.Text.Json;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace SmsGateway.AppHost;

/// <summary>What a program outside needs to know of the running stack.</summary>
internal sealed record Stack(
    IResourceBuilder<IResourceWithConnectionString> Redis,
    IResourceBuilder<IResource> Postgres,
    IResourceBuilder<IResourceWithConnectionString> Database)
{
    public const string RedisVariable = "ConnectionStrings__redis";
    public const string DatabaseVariable = "ConnectionStrings__smsdb";

    public EndpointReference? Edge { get; init; }

    public IResourceBuilder<ProjectResource>? Simulator { get; init; }

    /// <summary>What uses the stores, and is reached through the edge.</summary>
    public IReadOnlyList<IResource> Services { get; init; } = [];

    /// <summary>What must be healthy before the stack is: what others need comes first.</summary>
    public IEnumerable<IResource> Resources => [Redis.Resource, Postgres.Resource, .. Services, .. Entrance];

    private IResource[] Entrance => Edge is { } edge ? [edge.Resource] : [];

    /// <summary>Ends what takes work before what the work is kept in, so that workers can hand back what they hold; Aspire by itself ends all at once.</summary>
    public async Task StopServicesAsync(ResourceCommandService commands, CancellationToken cancellationToken)
    {
        foreach (var resources in (IReadOnlyList<IResource>[])[Entrance, Services])
        {
            // One that does not stop is ended with the rest.
            await Task.WhenAll(resources.Select(resource => commands.ExecuteCommandAsync(resource, KnownResourceCommands.StopCommand, cancellationToken)));
        }
    }

    /// <summary>The environment in which the workers' program does an operator's command.</summary>
    public async Task<Dictionary<string, string?>> ReadEnvironmentAsync(AppHostSettings settings, CancellationToken cancellationToken) =>
        new(settings.ServiceEnvironment.Select(entry => KeyValuePair.Create(entry.Key, (string?)entry.Value)), StringComparer.Ordinal)
        {
            [RedisVariable] = await Redis.Resource.GetConnectionStringAsync(cancellationToken),
            [DatabaseVariable] = await Database.Resource.GetConnectionStringAsync(cancellationToken),
        };
}

/// <summary>
/// Says when the stack is healthy and, if asked to, writes for other programs how to reach it. The file holds passwords, so only
/// its owner may read it; it appears whole, by a rename, and goes when the stack stops. A healthy stack is stopped in order.
/// </summary>
internal sealed partial class StackFile(
    AppHostSettings settings, Stack stack, ResourceNotificationService notifications, ResourceCommandService commands, IConfiguration configuration,
    IHostApplicationLifetime lifetime, ILogger<StackFile> logger)
    : BackgroundService
{
    private static readonly JsonSerializerOptions Format = new(JsonSerializerDefaults.Web)
    {
        WriteIndented = true,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    // Written by the background task, read when that has ended.
    private bool _healthy;

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        if (settings.StackFile is { } file)
        {
            File.Delete(file);
        }

        if (_healthy)
        {
            await stack.StopServicesAsync(commands, cancellationToken);
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (settings.StackFile is { } stale)
        {
            // A run that was killed could not delete it.
            File.Delete(stale);
        }

        try
        {
            foreach (var resource in stack.Resources)
            {
                await notifications.WaitForResourceHealthyAsync(resource.Name, WaitBehavior.StopOnResourceUnavailable, stoppingToken);
            }
        }
        catch (DistributedApplicationException exception)
        {
            Log.Failed(logger, exception.Message);
            if (settings.StackFile is not null)
            {
                // Whoever waits for the file must not wait for ever. Without one a person looks at the dashboard or the log.
                Environment.ExitCode = 1;
                lifetime.StopApplication();
            }

            return;
        }

        _healthy = true;
        if (settings.StackFile is { } file)
        {
            await WriteAsync(file, stoppingToken);
        }

        Log.Ready(logger, stack.Edge?.Url ?? "no edge");
    }

    private async Task WriteAsync(string file, CancellationToken cancellationToken)
    {
        var environment = await stack.ReadEnvironmentAsync(settings, cancellationToken);
        var content = new
        {
            url = stack.Edge?.Url,
            redis = environment[Stack.RedisVariable],
            smsdb = environment[Stack.DatabaseVariable],
            // Aspire's names for the dashboard's own address and for the one that takes telemetry: without the second there is none.
            dashboard = configuration["ASPIRE_DASHBOARD_OTLP_ENDPOINT_URL"] is null ? null : configuration["ASPNETCORE_URLS"]?.Split(';')[0],
            simulator = stack.Simulator?.GetEndpoint("http").Url,
            processId = Environment.ProcessId,
            environment,
        };

        PrivateFile.Write(file, JsonSerializer.Serialize(content, Format));
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Information, "The stack is healthy: {Url}")]
        public static partial void Ready(ILogger logger, string url);

        [LoggerMessage(2, LogLevel.Error, "The stack cannot become healthy: {Reason}")]
        public static partial void Failed(ILogger logger, string reason);
    }
}

internal static class StackFileExtensions
{
    public static void AddStackFile(this IDistributedApplicationBuilder builder, AppHostSettings settings, Stack stack)
    {
        if (builder.ExecutionContext.IsRunMode)
        {
            builder.Services.AddHostedService(services => ActivatorUtilities.CreateInstance<StackFile>(services, settings, stack));
        }
    }
}
