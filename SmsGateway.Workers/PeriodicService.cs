using Npgsql;

using SmsGateway.Core.Redis;

namespace SmsGateway.Workers;

/// <summary>Work that is done again and again, the first time at once. An outage of Redis or PostgreSQL is logged when it begins and when it ends.</summary>
internal abstract class PeriodicService(TimeSpan interval, TimeProvider clock, ILogger log) : BackgroundService
{
    protected TimeProvider Clock { get; } = clock;

    protected ILogger Logger { get; } = log;

    /// <summary>One round; what it leaves undone, the next one finds.</summary>
    protected internal abstract Task RunRoundAsync(CancellationToken cancellationToken);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var outage = new Outage(GetType().Name, null, Clock, Logger);
        using var timer = new PeriodicTimer(interval, Clock);
        do
        {
            try
            {
                await RunRoundAsync(stoppingToken);
                outage.Ended();
            }
            catch (Exception error) when (error is NpgsqlException || RedisFailure.Is(error))
            {
                outage.Failed(error);
            }
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }
}
