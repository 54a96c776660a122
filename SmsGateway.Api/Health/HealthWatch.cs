namespace SmsGateway.Api.Health;

/// <summary>Looks at the parts of the gateway also when nobody asks, for the metrics.</summary>
internal sealed class HealthWatch(HealthReporter reporter, TimeProvider time) : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(5);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval, time);
        do
        {
            await reporter.ReportAsync();
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }
}
