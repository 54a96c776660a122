using System.Text.RegularExpressions;
using SmsGateway.AppHost.Deployment;
using SmsGateway.AppHost.Infrastructure;

namespace SmsGateway.AppHost;

/// <summary>Where Redis, PostgreSQL and Nginx run.</summary>
internal enum InfrastructureKind
{
    /// <summary>In containers if a container runtime answers, else natively.</summary>
    Auto,

    /// <summary>In containers.</summary>
    Containers,

    /// <summary>As processes of programs that this machine has.</summary>
    Native,
}

/// <summary>Which of our own services run.</summary>
internal enum ServiceSet
{
    /// <summary>All of them.</summary>
    All,

    /// <summary>None: only Redis and PostgreSQL, for tests that bring their own.</summary>
    None,
}

/// <summary>What can be set on the AppHost itself: command line, environment or appsettings.json.</summary>
internal sealed partial record AppHostSettings
{
    /// <summary>Most replicas that make sense on one machine.</summary>
    private const int MaxReplicas = 64;

    /// <summary>Null: the stack runs here.</summary>
    public required DeploymentTarget? Target { get; init; }

    /// <summary>What Kubernetes is asked for, for Redis and for PostgreSQL each.</summary>
    public required string VolumeSize { get; init; }

    /// <summary>Never <see cref="InfrastructureKind.Auto"/>: that is resolved. Not asked where <see cref="Target"/> brings its own.</summary>
    public required InfrastructureKind Infrastructure { get; init; }

    public required ServiceSet Services { get; init; }

    public required EdgeSettings Edge { get; init; }

    public required int ApiReplicas { get; init; }

    public required int WorkerReplicas { get; init; }

    /// <summary>The root of the checkout.</summary>
    public required string RepositoryFolder { get; init; }

    /// <summary>Where native Redis and PostgreSQL keep their data, and where generated secrets are kept.</summary>
    public required string DataFolder { get; init; }

    /// <summary>Where to tell other programs how to reach the running stack; null for nowhere.</summary>
    public required string? StackFile { get; init; }

    /// <summary>The operator's settings of our services; null for none.</summary>
    public required SettingsFile? SettingsFile { get; init; }

    /// <summary>Environment variables for all our services, from the section <c>ServiceEnvironment</c>.</summary>
    public required IReadOnlyDictionary<string, string> ServiceEnvironment { get; init; }

    /// <exception cref="DistributedApplicationException">A setting has a value that is not allowed.</exception>
    public static AppHostSettings Read(IDistributedApplicationBuilder builder)
    {
        var configuration = builder.Configuration;
        var repository = Path.GetFullPath("..", builder.AppHostDirectory);
        var stackFile = configuration["StackFile"];
        var settingsFile = builder.ExecutionContext.IsRunMode ? AppHost.SettingsFile.Read(configuration, repository) : null;
        var environment = configuration.GetSection("ServiceEnvironment").GetChildren()
            .ToDictionary(entry => entry.Key, entry => entry.Value ?? string.Empty, StringComparer.Ordinal);
        if (settingsFile is not null)
        {
            environment[AppHost.SettingsFile.Setting] = settingsFile.Path;
        }

        return new()
        {
            Target = builder.ExecutionContext.IsPublishMode ? Setting.Choice(configuration, "Deployment:Target", DeploymentTarget.Azure) : null,
            VolumeSize = Setting.Text(configuration, "Deployment:VolumeSize", "50Gi", VolumeSizeForm(), "a size such as 50Gi or 1Ti"),
            Infrastructure = ResolveInfrastructure(builder),
            Services = Setting.Choice(configuration, "Services", ServiceSet.All),
            Edge = EdgeSettings.Read(configuration),
            ApiReplicas = Setting.Number(configuration, "Api:Replicas", 2, 1, MaxReplicas),
            WorkerReplicas = Setting.Number(configuration, "Workers:Replicas", 2, 1, MaxReplicas),
            RepositoryFolder = repository,
            DataFolder = Path.GetFullPath(configuration["DataFolder"] ?? Path.Combine(".local", "data"), repository),
            StackFile = string.IsNullOrEmpty(stackFile) ? null : Path.GetFullPath(stackFile, repository),
            SettingsFile = settingsFile,
            ServiceEnvironment = environment,
        };
    }

    private static InfrastructureKind ResolveInfrastructure(IDistributedApplicationBuilder builder)
    {
        var chosen = Setting.Choice(builder.Configuration, "Infrastructure", InfrastructureKind.Auto);
        if (builder.ExecutionContext.IsPublishMode)
        {
            return InfrastructureKind.Containers;
        }

        return chosen != InfrastructureKind.Auto ? chosen
            : ContainerRuntime.Answers() ? InfrastructureKind.Containers
            : InfrastructureKind.Native;
    }

    [GeneratedRegex(@"\A[1-9][0-9]{0,5}[MGT]i\z")]
    private static partial Regex VolumeSizeForm();
}
