using Microsoft.Extensions.Logging.Console;
using Microsoft.Extensions.Options;

using Npgsql;

using SmsGateway.Core.Redis;
using SmsGateway.Workers.Partitions;

namespace SmsGateway.Workers.Commands;

/// <summary>The services of one operator's command. What a command finds out goes to standard output, its log to standard error.</summary>
internal static class CommandHost
{
    /// <summary>The exit code where Redis or PostgreSQL did not let the command finish; what it had done is done, and it can be run again.</summary>
    private const int StoreFailed = 2;

    private const int WrongSetting = 1;

    /// <summary>Runs a command with Redis and the database at hand; nothing in the background.</summary>
    public static async Task<int> RunAsync(Func<IServiceProvider, Task<int>> command)
    {
        var builder = Host.CreateApplicationBuilder();
        builder.Configuration.AddSettingsFile();
        builder.AddLogDefaults();
        builder.Services.Configure<ConsoleLoggerOptions>(
            options => options.LogToStandardErrorThreshold = LogLevel.Trace);
        builder.Services.AddSingleton(TimeProvider.System);
        builder.AddStores();
        builder.Services.AddPartitionSettings();

        using var host = builder.Build();
        try
        {
            return await command(host.Services);
        }
        catch (OptionsValidationException wrong)
        {
            await Console.Error.WriteLineAsync(wrong.Message);
            return WrongSetting;
        }
        catch (Exception error) when (error is NpgsqlException || RedisFailure.Is(error))
        {
            string store = error is NpgsqlException ? "PostgreSQL" : "Redis";
            await Console.Error.WriteLineAsync($"{store} failed this command: {error.Message}");
            return StoreFailed;
        }
    }
}
