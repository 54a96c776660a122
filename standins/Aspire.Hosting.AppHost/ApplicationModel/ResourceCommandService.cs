using Aspire.Hosting.Running;

namespace Aspire.Hosting.ApplicationModel;

/// <summary>The commands that every process has.</summary>
public static class KnownResourceCommands
{
    public static readonly string StartCommand = "start";
    public static readonly string StopCommand = "stop";
    public static readonly string RestartCommand = "restart";
}

/// <summary>What a command of a resource is given.</summary>
public sealed class ExecuteCommandContext
{
    public required IServiceProvider Services { get; init; }

    public required string ResourceName { get; init; }

    public required CancellationToken CancellationToken { get; init; }
}

/// <summary>A command that the app model has added.</summary>
internal sealed record CommandAnnotation(string Name, Func<ExecuteCommandContext, Task<ExecuteCommandResult>> ExecuteCommand) : IResourceAnnotation;

/// <summary>Makes results.</summary>
public static class CommandResults
{
    public static ExecuteCommandResult Success() => new() { Success = true };
    public static ExecuteCommandResult Failure(string? errorMessage = null) => new() { Success = false, Message = errorMessage };
}

/// <summary>Changes how a command is shown, which the stand-in does not.</summary>
public class CommandOptions;

/// <summary>How a command ended.</summary>
public sealed class ExecuteCommandResult
{
    public required bool Success { get; init; }

    public string? Message { get; init; }
}

/// <summary>Carries out commands on resources.</summary>
public class ResourceCommandService
{
    private readonly IServiceProvider _services;
    public ResourceCommandService(IServiceProvider services) => _services = services;
    public Task<ExecuteCommandResult> ExecuteCommandAsync(IResource resource, string commandName, CancellationToken cancellationToken = default) =>
        ExecuteCommandAsync(resource.Name, commandName, cancellationToken);
    public async Task<ExecuteCommandResult> ExecuteCommandAsync(string resourceId, string commandName, CancellationToken cancellationToken = default)
    {
        var instances = ((Orchestrator)_services.GetService(typeof(Orchestrator))!).Find(resourceId);
        if (instances.Count == 0)
        {
            return new() { Success = false, Message = $"There is no process '{resourceId}'." };
        }

        if (instances[0].Resource.Annotations.OfType<CommandAnnotation>().LastOrDefault(command => command.Name == commandName) is { } own)
        {
            return await own.ExecuteCommand(new() { Services = _services, ResourceName = instances[0].Id, CancellationToken = cancellationToken });
        }

        if (commandName is not ("start" or "stop" or "restart"))
        {
            return new() { Success = false, Message = $"'{resourceId}' has no command '{commandName}'." };
        }

        await Task.WhenAll(instances.Select(async instance =>
        {
            if (commandName != "start")
            {
                await instance.StopAsync();
            }

            if (commandName != "stop")
            {
                instance.Start();
            }
        })).WaitAsync(cancellationToken);
        return new() { Success = true };
    }
}
