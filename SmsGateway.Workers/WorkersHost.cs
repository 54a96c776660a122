using Microsoft.Extensions.Options;

using SmsGateway.Workers.Credits;
using SmsGateway.Workers.Dispatch;
using SmsGateway.Workers.Ingest;
using SmsGateway.Workers.Partitions;
using SmsGateway.Workers.Recovery;
using SmsGateway.Workers.Status;
using SmsGateway.Workers.Watchdog;
using SmsGateway.Workers.Webhooks;

namespace SmsGateway.Workers;

/// <summary>The workers as a service.</summary>
internal static class WorkersHost
{
    public static async Task<int> RunAsync(CancellationToken cancellationToken)
    {
        var builder = WebApplication.CreateBuilder();

        builder.AddServiceDefaults();
        builder.AddStores();
        builder.AddRecovery();
        builder.AddIngest();
        builder.AddDispatch();
        builder.AddStatus();
        builder.AddCredits();
        builder.AddPartitions();
        builder.AddWebhooks();
        builder.AddWatchdog();

        var app = builder.Build();
        app.MapDefaultEndpoints();
        app.MapHealthChecks("/health");
        try
        {
            var services = app.Services.GetServices<IHostedService>().OfType<BackgroundService>().ToList();
            await app.RunAsync(cancellationToken);

            // A loop that failed by a mistake of ours has stopped the worker: whoever supervises it is to see that, and to start it again.
            return services.Exists(service => service.ExecuteTask is { IsFaulted: true }) ? 1 : 0;
        }
        catch (OptionsValidationException wrong)
        {
            await Console.Error.WriteLineAsync(wrong.Message);
            return 1;
        }
    }
}
