using Aspire.Npgsql;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace Microsoft.Extensions.Hosting;

/// <summary>Registers a PostgreSQL data source by the name of its connection.</summary>
public static class AspirePostgreSqlNpgsqlExtensions
{
    private const string SectionName = "Aspire:Npgsql";
    private const string HealthCheckName = "PostgreSql";
    private const string TelemetryName = "Npgsql";

    /// <summary>
    /// Registers one pooled <see cref="NpgsqlDataSource"/> for <c>ConnectionStrings:{connectionName}</c>, with a health check,
    /// logs, metrics and traces.
    /// </summary>
    public static void AddNpgsqlDataSource(
        this IHostApplicationBuilder builder,
        string connectionName,
        Action<NpgsqlSettings>? configureSettings = null,
        Action<NpgsqlDataSourceBuilder>? configureDataSourceBuilder = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentException.ThrowIfNullOrEmpty(connectionName);

        var settings = ReadSettings(builder.Configuration, connectionName);
        configureSettings?.Invoke(settings);

        builder.Services.AddSingleton(services => CreateDataSource(services, settings, connectionName, configureDataSourceBuilder));

        if (!settings.DisableHealthChecks && builder.Properties.TryAdd($"Aspire.HealthChecks.{HealthCheckName}", true))
        {
            builder.Services.AddHealthChecks().Add(new HealthCheckRegistration(
                HealthCheckName,
                services => new NpgsqlHealthCheck(services.GetRequiredService<NpgsqlDataSource>()),
                failureStatus: null,
                tags: null));
        }

        if (!settings.DisableTracing)
        {
            builder.Services.AddOpenTelemetry().WithTracing(tracing => tracing.AddSource(TelemetryName));
        }

        if (!settings.DisableMetrics)
        {
            builder.Services.AddOpenTelemetry().WithMetrics(metrics => metrics.AddMeter(TelemetryName));
        }
    }

    private static NpgsqlSettings ReadSettings(IConfiguration configuration, string connectionName)
    {
        var settings = new NpgsqlSettings();
        var section = configuration.GetSection(SectionName);
        section.Bind(settings);
        section.GetSection(connectionName).Bind(settings);
        settings.ConnectionString = configuration.GetConnectionString(connectionName) ?? settings.ConnectionString;
        return settings;
    }

    private static NpgsqlDataSource CreateDataSource(
        IServiceProvider services,
        NpgsqlSettings settings,
        string connectionName,
        Action<NpgsqlDataSourceBuilder>? configureDataSourceBuilder)
    {
        // Checked on first use rather than at registration, so that the error reaches a log.
        if (string.IsNullOrWhiteSpace(settings.ConnectionString))
        {
            throw new InvalidOperationException(
                $"No PostgreSQL connection string: set 'ConnectionStrings:{connectionName}' or '{SectionName}:ConnectionString'.");
        }

        var dataSourceBuilder = new NpgsqlDataSourceBuilder(settings.ConnectionString);
        dataSourceBuilder.UseLoggerFactory(services.GetService<ILoggerFactory>());
        configureDataSourceBuilder?.Invoke(dataSourceBuilder);
        return dataSourceBuilder.Build();
    }
}
