using Microsoft.Extensions.Options;

using Npgsql;

using SmsGateway.Core.Settings;

namespace SmsGateway.Workers.Partitions;

/// <summary>Makes partitions ahead of time. Several workers may do so at once.</summary>
internal sealed class PartitionService(NpgsqlDataSource database, IOptions<PartitionsOptions> options, TimeProvider clock, ILogger<PartitionService> log)
    : PeriodicService(options.Value.CheckInterval, clock, log)
{
    protected internal override async Task RunRoundAsync(CancellationToken cancellationToken)
    {
        foreach (string partition in await ProvisionAsync(cancellationToken))
        {
            Log.PartitionMade(Logger, partition);
        }
    }

    /// <summary>Makes what is missing from now to as far ahead as configured; returns the names.</summary>
    public Task<IReadOnlyList<string>> ProvisionAsync(CancellationToken cancellationToken)
    {
        var now = Clock.GetUtcNow();
        return Core.Schema.Partitions.EnsureAsync(database, options.Value.Interval, now, now + options.Value.Ahead, cancellationToken);
    }
}

internal static class PartitionExtensions
{
    /// <summary>Adds the making of partitions.</summary>
    public static IHostApplicationBuilder AddPartitions(this IHostApplicationBuilder builder)
    {
        builder.Services.AddValidatedOptions<PartitionsOptions, PartitionsOptionsValidator>(PartitionsOptions.Section);
        builder.Services.AddSingleton<PartitionService>();
        builder.Services.AddHostedService(services => services.GetRequiredService<PartitionService>());
        return builder;
    }
}
