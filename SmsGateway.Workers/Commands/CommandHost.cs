using Microsoft.Extensions.Logging.Console;

namespace SmsGateway.Workers.Commands;

/// <summary>The services of one operator's command. What a command finds out goes to standard output, its log to standard error.</summary>
internal static class CommandHost
{
    /// <summary>Runs a command with Redis and the database at hand; nothing in the background.</summary>
    public static async Task<int> RunAsync(Func<IServiceProvider, Task<int>> command)
    {
        var builder = Host.CreateApplicationBuilder();
        builder.AddLogDefaults();
        builder.Services.Configure<ConsoleLoggerOptions>(
            options => options.LogToStandardErrorThreshold = LogLevel.Trace);
        builder.Services.AddSingleton(TimeProvider.System);
        builder.AddStores();

        using var host = builder.Build();
        return await command(host.Services);
    }
}
