namespace Aspire.StackExchange.Redis;

/// <summary>How a Redis client is registered; read from the section <c>Aspire:StackExchange:Redis</c>.</summary>
public sealed class StackExchangeRedisSettings
{
    /// <summary>The connection string; the one of <c>ConnectionStrings</c> wins over the section's.</summary>
    public string? ConnectionString { get; set; }

    /// <summary>Leaves the health check out.</summary>
    public bool DisableHealthChecks { get; set; }

    /// <summary>Leaves spans of commands out. This stand-in never makes any: the old client offers no instrumentation.</summary>
    public bool DisableTracing { get; set; }

    /// <summary>Connects on first use (the default) rather than when the host starts.</summary>
    public bool DisableAutoActivation { get; set; } = true;
}
