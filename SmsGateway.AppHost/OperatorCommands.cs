using System.Diagnostics;
using System.Reflection;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace SmsGateway.AppHost;

/// <summary>
/// The operator's commands that the dashboard offers on the workers: each runs the workers' program with the command's words, as
/// <c>./gateway</c> does, against the stores of this stack.
/// </summary>
internal static partial class OperatorCommands
{
    public static IResourceBuilder<ProjectResource> WithOperatorCommands(this IResourceBuilder<ProjectResource> workers, AppHostSettings settings, Stack stack)
    {
        if (!workers.ApplicationBuilder.ExecutionContext.IsRunMode)
        {
            return workers;
        }

        // The keys that seed prints once are for a file that only its owner may read, not for a log.
        var keys = Path.Combine(settings.DataFolder, "seeded-keys.txt");
        return workers
            .WithCommand("seed", "Seed demo users", context => RunAsync(context, settings, stack, ["seed"], output => PrivateFile.Write(keys, output)))
            .WithCommand("sync-balances", "Sync balances now", context => RunAsync(context, settings, stack, ["sync-balances"]))
            .WithCommand("pause-dispatch", "Pause dispatch", context => RunAsync(context, settings, stack, ["dispatch", "pause", "--reason", "from the dashboard"]))
            .WithCommand("resume-dispatch", "Resume dispatch", context => RunAsync(context, settings, stack, ["dispatch", "resume"]))
            .WithCommand("audit", "Audit money and messages", context => RunAsync(context, settings, stack, ["audit"]));
    }

    private static async Task<ExecuteCommandResult> RunAsync(
        ExecuteCommandContext context, AppHostSettings settings, Stack stack, string[] command, Action<string>? keep = null)
    {
        var logger = context.Services.GetRequiredService<ILoggerFactory>().CreateLogger(typeof(OperatorCommands));
        // Built with this AppHost, in its configuration.
        var configuration = typeof(OperatorCommands).Assembly.GetCustomAttribute<AssemblyConfigurationAttribute>()!.Configuration;
        var start = new ProcessStartInfo(
            "dotnet",
            ["run", "--no-build", "--no-launch-profile", "--configuration", configuration, "--project", new Projects.SmsGateway_Workers().ProjectPath, "--", .. command])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var (name, value) in await stack.ReadEnvironmentAsync(settings, context.CancellationToken))
        {
            start.Environment[name] = value;
        }

        using var process = Process.Start(start)!;
        try
        {
            var error = process.StandardError.ReadToEndAsync(context.CancellationToken);
            var output = await process.StandardOutput.ReadToEndAsync(context.CancellationToken);
            await process.WaitForExitAsync(context.CancellationToken);
            if (process.ExitCode != 0)
            {
                return CommandResults.Failure($"exit code {process.ExitCode}: {output}{await error}");
            }

            if (keep is not null)
            {
                keep(output);
            }
            else
            {
                Log.Finished(logger, string.Join(' ', command), output);
            }

            return CommandResults.Success();
        }
        finally
        {
            if (!process.HasExited)
            {
                process.Kill(entireProcessTree: true);
            }
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Information, "{Command}: {Output}")]
        public static partial void Finished(ILogger logger, string command, string output);
    }
}
