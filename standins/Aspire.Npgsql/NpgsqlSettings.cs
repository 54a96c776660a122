namespace Aspire.Npgsql;

/// <summary>How a PostgreSQL data source is registered; read from the section <c>Aspire:Npgsql</c>.</summary>
public class NpgsqlSettings
{
    /// <summary>The connection string; the one of <c>ConnectionStrings</c> wins over the section's.</summary>
    public string? ConnectionString { get; set; }

    /// <summary>Leaves the health check out.</summary>
    public bool DisableHealthChecks { get; set; }

    /// <summary>Leaves Npgsql's spans out.</summary>
    public bool DisableTracing { get; set; }

    /// <summary>Leaves Npgsql's metrics out.</summary>
    public bool DisableMetrics { get; set; }
}
