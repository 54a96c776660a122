using System.Reflection;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Running;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Aspire.Hosting;

/// <summary>Something in the app model or its run is wrong.</summary>
public class DistributedApplicationException(string message) : Exception(message);

/// <summary>What is done with the application.</summary>
public enum DistributedApplicationOperation
{
    Run = 0,
    Publish = 1,
}

/// <summary>Whether the application runs or is published. The stand-in builds the model for both, and runs it only.</summary>
public class DistributedApplicationExecutionContext(DistributedApplicationOperation operation)
{
    public DistributedApplicationOperation Operation { get; } = operation;
    public bool IsPublishMode => Operation == DistributedApplicationOperation.Publish;
    public bool IsRunMode => Operation == DistributedApplicationOperation.Run;
}

/// <summary>How an application is made.</summary>
public sealed class DistributedApplicationOptions
{
    public string[]? Args { get; set; }

    /// <summary>Whether what the resources write is in the AppHost's log. With the stand-in, which has no dashboard, it always is.</summary>
    public bool EnableResourceLogging { get; set; }
}

/// <summary>Collects the resources of an application.</summary>
public interface IDistributedApplicationBuilder
{
    string AppHostDirectory { get; }

    ConfigurationManager Configuration { get; }

    IHostEnvironment Environment { get; }

    DistributedApplicationExecutionContext ExecutionContext { get; }

    IServiceCollection Services { get; }

    IResourceBuilder<T> AddResource<T>(T resource) where T : IResource;
    DistributedApplication Build();
}

internal sealed class DistributedApplicationBuilder : IDistributedApplicationBuilder
{
    private readonly HostApplicationBuilder _host;
    private readonly List<IResource> _resources = [];
    private readonly EntryPointInterception? _interception;
    public DistributedApplicationBuilder(string[] args)
    {
        _interception = EntryPointInterception.Current;
        AppHostAssembly = _interception?.AppHostAssembly ?? Assembly.GetEntryAssembly()!;
        AppHostDirectory = AppHostAssembly.GetCustomAttributes<AssemblyMetadataAttribute>()
            .FirstOrDefault(attribute => attribute.Key == "AppHostProjectPath")?.Value ?? Directory.GetCurrentDirectory();
        _host = Host.CreateApplicationBuilder(new HostApplicationBuilderSettings
        {
            Args = args,
            ApplicationName = AppHostAssembly.GetName().Name,
            ContentRootPath = AppHostDirectory,
            EnvironmentName = _interception is null ? null : System.Environment.GetEnvironmentVariable("DOTNET_ENVIRONMENT") ?? Environments.Development,
        });
        Configuration.AddCommandLine(args, new Dictionary<string, string> { ["--operation"] = "AppHost:Operation" });
        ExecutionContext = new(string.Equals(Configuration["AppHost:Operation"], "publish", StringComparison.OrdinalIgnoreCase)
            ? DistributedApplicationOperation.Publish
            : DistributedApplicationOperation.Run);
        if (Configuration["DOTNET_LAUNCH_PROFILE"] is not null)
        {
            // The launch profile's dashboard is the real Aspire's. The stand-in has none, but uses one that the environment names.
            Configuration["ASPNETCORE_URLS"] = null;
            Configuration["ASPIRE_DASHBOARD_OTLP_ENDPOINT_URL"] = null;
        }

        // The monitor reports a check's result itself.
        _host.Logging.AddFilter("Microsoft.Extensions.Diagnostics.HealthChecks", LogLevel.None);
        Services.Configure<HostOptions>(options => options.ShutdownTimeout = TimeSpan.FromMinutes(2));
        Services.AddHealthChecks();
        Services.AddSingleton(TimeProvider.System);
        Services.AddSingleton(ExecutionContext);
        Services.AddSingleton(_ => new DistributedApplicationModel(_resources));
        Services.AddSingleton<ResourceNotificationService>();
        Services.AddSingleton<ResourceCommandService>();
        Services.AddSingleton<Orchestrator>();
        Services.AddHostedService(provider => provider.GetRequiredService<Orchestrator>());
    }

    public Assembly AppHostAssembly { get; }

    public string AppHostDirectory { get; }

    public ConfigurationManager Configuration => _host.Configuration;
    public IHostEnvironment Environment => _host.Environment;
    public DistributedApplicationExecutionContext ExecutionContext { get; }

    public IServiceCollection Services => _host.Services;
    public IResourceBuilder<T> AddResource<T>(T resource) where T : IResource
    {
        if (_resources.Exists(other => string.Equals(other.Name, resource.Name, StringComparison.OrdinalIgnoreCase)))
        {
            throw new DistributedApplicationException($"There are two resources named '{resource.Name}'.");
        }

        _resources.Add(resource);
        return new ResourceBuilder<T>(this, resource);
    }

    public DistributedApplication Build()
    {
        if (_interception is null)
        {
            return new DistributedApplication(_host.Build(), null);
        }

        _interception.OfferBuilder(this);
        var application = new DistributedApplication(_host.Build(), _interception);
        _interception.OfferApplication(application);
        return application;
    }
}

/// <summary>An application of several local processes.</summary>
public class DistributedApplication : IHost, IAsyncDisposable
{
    private readonly IHost _host;
    private readonly EntryPointInterception? _interception;
    private int _disposed;

    internal DistributedApplication(IHost host, EntryPointInterception? interception)
    {
        _host = host;
        _interception = interception;
    }

    public IServiceProvider Services => _host.Services;
    public ResourceNotificationService ResourceNotifications => Services.GetRequiredService<ResourceNotificationService>();
    public ResourceCommandService ResourceCommands => Services.GetRequiredService<ResourceCommandService>();
    public static IDistributedApplicationBuilder CreateBuilder(DistributedApplicationOptions options) => new DistributedApplicationBuilder(options.Args ?? []);
    public virtual Task StartAsync(CancellationToken cancellationToken = default) => RunOnly(() => _host.StartAsync(cancellationToken));
    public virtual Task StopAsync(CancellationToken cancellationToken = default) => _host.StopAsync(cancellationToken);
    public virtual Task RunAsync(CancellationToken cancellationToken = default) =>
        _interception is null ? RunOnly(() => _host.RunAsync(cancellationToken)) : _interception.Disposed;
    public void Run() => RunAsync().GetAwaiter().GetResult();
    public virtual void Dispose()
    {
        DisposeAsync().AsTask().GetAwaiter().GetResult();
        GC.SuppressFinalize(this);
    }

    private Task RunOnly(Func<Task> run) => Services.GetRequiredService<DistributedApplicationExecutionContext>().IsRunMode
        ? run()
        : throw new DistributedApplicationException("The stand-in for Aspire cannot publish. Restore the public packages.");

    public virtual async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) == 0)
        {
            await Services.GetRequiredService<Orchestrator>().StopAsync(CancellationToken.None);
            await ((IAsyncDisposable)_host).DisposeAsync();
            _interception?.OnDisposed();
        }

        GC.SuppressFinalize(this);
    }
}
