using System.Diagnostics;
using System.Globalization;

using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;

using Microsoft.Extensions.Diagnostics.HealthChecks;

using SmsGateway.Load.Stack;

namespace SmsGateway.Tests.EndToEnd;

/// <summary>A process of the running gateway, in the hands of a test that does it harm.</summary>
internal sealed class RunningProcess
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    private readonly DistributedApplication _app;
    private readonly string _resource;
    private readonly string _instance;
    private readonly int _processId;

    private RunningProcess(DistributedApplication app, ResourceEvent running)
    {
        _app = app;
        _resource = running.Resource.Name;
        _instance = running.ResourceId;
        _processId = ServiceProcess.Below(ProcessIdOf(running) ?? throw new InvalidOperationException($"{_instance} has no process"));
    }

    /// <summary>The process of one replica of a resource; they are counted from 0 in no particular order.</summary>
    public static async Task<RunningProcess> FindAsync(DistributedApplication app, string resource, int replica)
    {
        using var limit = new CancellationTokenSource(Limit);
        var seen = new HashSet<string>();
        while (true)
        {
            var running = await app.ResourceNotifications.WaitForResourceAsync(
                resource, update => ProcessIdOf(update) is not null && !seen.Contains(update.ResourceId), limit.Token);
            if (seen.Count == replica)
            {
                return new(app, running);
            }

            seen.Add(running.ResourceId);
        }
    }

    /// <summary>SIGKILL; ends when the process has ended.</summary>
    public async Task KillAsync()
    {
        await SignalAsync("KILL");
        await WaitAsync(update => KnownResourceStates.TerminalStates.Contains(update.Snapshot.State?.Text ?? ""));
    }

    /// <summary>SIGTERM; ends when the process has ended by itself.</summary>
    public async Task StopAsync()
    {
        await SignalAsync("TERM");
        await WaitAsync(update => KnownResourceStates.TerminalStates.Contains(update.Snapshot.State?.Text ?? ""));
    }

    /// <summary>Starts the replica again; ends when it is healthy.</summary>
    public Task StartAsync() => StartAsync([this]);

    /// <summary>
    /// Starts processes again, in this order; ends when all are healthy. What others wait for comes first: started before, they would see that it
    /// has ended, and give up.
    /// </summary>
    public static async Task StartAsync(IReadOnlyList<RunningProcess> processes)
    {
        foreach (var process in processes)
        {
            var result = await process._app.ResourceCommands.ExecuteCommandAsync(process._instance, KnownResourceCommands.StartCommand);
            Assert.True(result.Success, result.Message);
        }

        await Task.WhenAll(processes.Select(process => process.WaitAsync(update => update.Snapshot.HealthStatus == HealthStatus.Healthy)));
    }

    /// <summary>SIGSTOP: it stands still and keeps everything that it has, connections too.</summary>
    public Task PauseAsync() => SignalAsync("STOP");

    /// <summary>SIGCONT.</summary>
    public Task ResumeAsync() => SignalAsync("CONT");

    private static int? ProcessIdOf(ResourceEvent update)
    {
        var processId = update.Snapshot.Properties.FirstOrDefault(property => property.Name == "executable.pid")?.Value;
        return update.Snapshot.State?.Text == KnownResourceStates.Running && processId is not null
            ? Convert.ToInt32(processId, CultureInfo.InvariantCulture)
            : null;
    }

    private async Task SignalAsync(string signal)
    {
        using var kill = Process.Start("kill", ["-s", signal, _processId.ToString(CultureInfo.InvariantCulture)]);
        await kill.WaitForExitAsync();
        Assert.Equal(0, kill.ExitCode);
    }

    private async Task WaitAsync(Func<ResourceEvent, bool> condition)
    {
        using var limit = new CancellationTokenSource(Limit);
        string last = "nothing";
        try
        {
            await _app.ResourceNotifications.WaitForResourceAsync(
                _resource,
                update =>
                {
                    last = update.ResourceId == _instance ? $"{update.Snapshot.State?.Text}, {update.Snapshot.HealthStatus}" : last;
                    return update.ResourceId == _instance && condition(update);
                },
                limit.Token);
        }
        catch (OperationCanceledException)
        {
            throw new TimeoutException($"{_instance} is still {last} after {Limit}");
        }
    }
}
