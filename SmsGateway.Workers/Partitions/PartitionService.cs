using Microsoft.Extensions.Options;

using Npgsql;

using SmsGateway.Core.Settings;

namespace SmsGateway.Workers.Partitions;

/// <summary>Makes partitions ahead of time and retires those whose time is over. Several workers may do so at once.</summary>
internal sealed class PartitionService(
    NpgsqlDataSource database, PartitionRetention retention, IOptions<PartitionsOptions> options, TimeProvider clock, ILogger<PartitionService> log)
    : PeriodicService(options.Value.CheckInterval, clock, log)
{
    protected internal override async Task RunRoundAsync(CancellationToken cancellationToken)
    {
        foreach (string partition in await ProvisionAsync(cancellationToken))
        {
            Log.PartitionMade(Logger, partition);
        }

        if (options.Value.Retention is not { } kept)
        {
            return;
        }

        foreach (var partition in await retention.RunAsync(kept, UnknownOutcomes.Hold, cancellationToken))
        {
            if (partition.HeldBy is { } reason)
            {
                Log.PartitionHeld(Logger, partition.Name, reason);
            }
            else
            {
                Log.PartitionRetired(Logger, partition.Name);
            }
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
    /// <summary>Adds the making and retiring of partitions.</summary>
    public static IHostApplicationBuilder AddPartitions(this IHostApplicationBuilder builder)
    {
        builder.Services.AddPartitionSettings();
        builder.Services.AddSingleton<PartitionRetention>();
        builder.Services.AddHostedService<PartitionService>();
        return builder;
    }

    /// <summary>Adds <see cref="PartitionsOptions"/>, for the operator's commands.</summary>
    public static IServiceCollection AddPartitionSettings(this IServiceCollection services) =>
        services.AddValidatedOptions<PartitionsOptions, PartitionsOptionsValidator, PartitionsRules>(PartitionsOptions.Section);
}
