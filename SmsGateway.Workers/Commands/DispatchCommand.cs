using System.CommandLine;
using System.Globalization;

using SmsGateway.Core.Redis;

namespace SmsGateway.Workers.Commands;

/// <summary><c>dispatch</c>: the operator's switch of the handing of messages to providers.</summary>
internal static class DispatchCommand
{
    public static Command Create() => new("dispatch", "Pause and resume the handing of messages to providers; accepting and storing go on")
    {
        CreatePause(),
        CreateAction("resume", "Hand messages to providers again", (dispatch, _) => dispatch.ResumeAsync()),
        CreateAction("status", "Say whether messages are handed to providers", (_, _) => Task.CompletedTask),
    };

    private static Command CreatePause()
    {
        var reason = new Option<string>("--reason") { Description = "Shown by health and status", DefaultValueFactory = _ => "by an operator" };
        var command = new Command("pause", "Hand no message to a provider until resumed; what is in flight ends") { reason };
        command.SetAction((parsed, _) => CommandHost.RunAsync(services => RunAsync(
            services, (dispatch, now) => dispatch.PauseAsync(parsed.GetRequiredValue(reason), now))));
        return command;
    }

    private static Command CreateAction(string name, string description, Func<DispatchSwitch, DateTimeOffset, Task> action)
    {
        var command = new Command(name, description);
        command.SetAction((_, _) => CommandHost.RunAsync(services => RunAsync(services, action)));
        return command;
    }

    private static async Task<int> RunAsync(IServiceProvider services, Func<DispatchSwitch, DateTimeOffset, Task> action)
    {
        var dispatch = services.GetRequiredService<DispatchSwitch>();
        await action(dispatch, services.GetRequiredService<TimeProvider>().GetUtcNow());
        await Console.Out.WriteLineAsync(await dispatch.ReadAsync() is { } pause
            ? string.Create(CultureInfo.InvariantCulture, $"dispatch is paused since {pause.At:u}: {pause.Reason}")
            : "dispatch runs");
        return 0;
    }
}
