using System.Collections.Immutable;
using System.ComponentModel;
using System.Globalization;
using Aspire.Hosting.ApplicationModel;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Aspire.Hosting.Running;

/// <summary>One process of a resource: waits for what it needs, runs, is watched, ends.</summary>
internal sealed class ResourceInstance(
    IResource resource, string id, int replica, ResourceNotificationService notifications, HealthProbe probe, TelemetryEnvironment telemetry, TimeProvider time)
    : IDisposable
{
    // What belongs to the AppHost alone and would mislead a child that inherited it.
    private static readonly string[] OwnVariables = ["ASPNETCORE_URLS", "DOTNET_LAUNCH_PROFILE", "DOTNET_URLS"];

    private readonly Lock _lock = new();
    private CancellationTokenSource _waiting = new();
    private Task _run = Task.CompletedTask;
    private bool _active;

    // Written by the run, read by whoever stops it.
    private volatile ChildProcess? _process;
    private volatile bool _stopping;

    public IResource Resource => resource;

    public string Id => id;

    /// <summary>Starts it unless it runs already.</summary>
    public void Start()
    {
        lock (_lock)
        {
            if (!_active)
            {
                _active = true;
                _waiting.Dispose();
                _waiting = new CancellationTokenSource();
                _stopping = false;
                Publish(KnownResourceStates.Waiting);
                _run = Task.Run(RunAsync);
            }
        }
    }

    /// <summary>Ends it, or keeps it from starting. It has ended when the task does.</summary>
    public async Task StopAsync()
    {
        Task run;
        lock (_lock)
        {
            run = _run;
            _stopping = true;
            _waiting.Cancel();
        }

        if (_process is { } process)
        {
            Publish(KnownResourceStates.Stopping);
            await process.StopAsync();
        }

        await run;
    }

    public void Dispose() => _waiting.Dispose();

    public void Log(string line) => Console.Out.WriteLine($"{id} | {line}");

    private async Task RunAsync()
    {
        try
        {
            await WaitForDependenciesAsync(_waiting.Token);
            Publish(KnownResourceStates.Starting);
            using var alive = CancellationTokenSource.CreateLinkedTokenSource(_waiting.Token);
            var process = await StartProcessAsync(_waiting.Token);
            _process = process;
            Publish(KnownResourceStates.Running, process.Id);
            if (_stopping)
            {
                // The request came before there was a process to stop.
                await process.StopAsync();
            }

            var watch = probe.WatchAsync(resource, replica, SetHealth, alive.Token);
            var exitCode = await process.Exit;
            _process = null;
            await alive.CancelAsync();
            await watch;
            Log(string.Create(CultureInfo.InvariantCulture, $"{(_stopping ? "stopped" : "exited")} with code {exitCode}"));
            End(exitCode >= 128 || _stopping ? KnownResourceStates.Exited : KnownResourceStates.Finished, exitCode);
        }
        catch (OperationCanceledException) when (_waiting.IsCancellationRequested)
        {
            End(KnownResourceStates.Exited);
        }
        catch (Exception exception) when (exception is DistributedApplicationException or Win32Exception or InvalidOperationException)
        {
            Log($"failed to start: {exception.Message}");
            End(KnownResourceStates.FailedToStart);
        }
    }

    // Whoever learns of the end may start it again at once.
    private void End(string state, int? exitCode = null)
    {
        lock (_lock)
        {
            _active = false;
            Publish(state, exitCode: exitCode);
        }
    }

    private async Task WaitForDependenciesAsync(CancellationToken cancellationToken)
    {
        foreach (var wait in resource.Annotations.OfType<WaitAnnotation>())
        {
            var name = wait.Resource.Name;
            if (wait.WaitType == WaitType.WaitUntilHealthy)
            {
                await notifications.WaitForResourceHealthyAsync(name, WaitBehavior.StopOnResourceUnavailable, cancellationToken);
                continue;
            }

            var end = (await notifications.WaitForResourceAsync(name, update => update.Snapshot.IsTerminal, cancellationToken)).Snapshot;
            if (end.ExitCode != wait.ExitCode)
            {
                throw new DistributedApplicationException($"it needs '{name}' to end with code {wait.ExitCode}, but that is {end.State!.Text} with code {end.ExitCode?.ToString(CultureInfo.InvariantCulture) ?? "none"}.");
            }
        }
    }

    private async Task<ChildProcess> StartProcessAsync(CancellationToken cancellationToken)
    {
        var environment = await ResolveEnvironmentAsync(cancellationToken);
        var context = new CommandLineArgsCallbackContext([]);
        foreach (var annotation in resource.Annotations.OfType<CommandLineArgsCallbackAnnotation>())
        {
            await annotation.Callback(context);
        }

        var args = new List<string>();
        foreach (var arg in context.Args)
        {
            args.Add(await ResolveAsync(arg, cancellationToken));
        }

        if (resource is ExecutableResource executable)
        {
            return ChildProcess.Start(executable.Command, args, executable.WorkingDirectory, environment, Log, time);
        }

        var project = resource.Annotations.OfType<IProjectMetadata>().Single();
        var dotnet = Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet";
        return ChildProcess.Start(dotnet, [project.AssemblyPath, .. args], Path.GetDirectoryName(project.ProjectPath)!, environment, Log, time);
    }

    private async Task<IReadOnlyDictionary<string, string?>> ResolveEnvironmentAsync(CancellationToken cancellationToken)
    {
        var context = new EnvironmentCallbackContext(new(DistributedApplicationOperation.Run), resource);
        var urls = new List<string>();
        foreach (var endpoint in resource.Annotations.OfType<EndpointAnnotation>())
        {
            var port = endpoint.AllocatedPorts[replica].ToString(CultureInfo.InvariantCulture);
            urls.Add($"{endpoint.UriScheme}://localhost:{port}");
            if (endpoint.EnvironmentVariable is { } variable)
            {
                context.EnvironmentVariables[variable] = port;
            }
        }

        if (resource is ProjectResource)
        {
            if (urls.Count > 0)
            {
                context.EnvironmentVariables["ASPNETCORE_URLS"] = string.Join(';', urls);
            }

            telemetry.AddTo(context, replica);
        }

        foreach (var annotation in resource.Annotations.OfType<EnvironmentCallbackAnnotation>())
        {
            await annotation.Callback(context);
        }

        var environment = OwnVariables.ToDictionary(name => name, _ => (string?)null, StringComparer.Ordinal);
        foreach (var (name, value) in context.EnvironmentVariables)
        {
            environment[name] = await ResolveAsync(value, cancellationToken);
        }

        return environment;
    }

    private static async ValueTask<string> ResolveAsync(object value, CancellationToken cancellationToken) => value switch
    {
        IValueProvider provider => await provider.GetValueAsync(cancellationToken) ?? string.Empty,
        _ => Convert.ToString(value, CultureInfo.InvariantCulture) ?? string.Empty,
    };

    private void SetHealth(HealthStatus status, string? why)
    {
        if (why is not null)
        {
            Log($"{status}: {why}");
        }

        notifications.Publish(resource, id, snapshot => snapshot with { HealthStatus = status });
    }

    private void Publish(string state, int? processId = null, int? exitCode = null) => notifications.Publish(resource, id, snapshot => snapshot with
    {
        State = state,
        ExitCode = exitCode,
        Properties = processId is { } pid ? ImmutableArray.Create(new ResourcePropertySnapshot("executable.pid", pid)) : [],
    });
}
