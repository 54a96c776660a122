using Aspire.Hosting.Running;

namespace Aspire.Hosting.ApplicationModel;

/// <summary>The commands that every process has.</summary>
public static class KnownResourceCommands
{
    public static readonly string StartCommand = "start";
    public static readonly string StopCommand = "stop";
    public static readonly string RestartCommand = "restart";
}

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
