namespace SmsGateway.AppHost.Infrastructure;

/// <summary>How PostgreSQL must run, natively and in a container alike.</summary>
internal static class PostgresSettings
{
    /// <summary>
    /// <c>max_connections</c>: every service has a pool of up to 100. <c>synchronous_commit</c>: what is told to Redis as done, and what
    /// money depends upon, is on disk. <c>max_wal_size</c>: batches of <c>COPY</c> fill the default of 1 GB every few seconds, each time
    /// with a checkpoint.
    /// </summary>
    public static readonly string[] Arguments =
    [
        "-c", "max_connections=300",
        "-c", "shared_buffers=256MB",
        "-c", "max_wal_size=4GB",
        "-c", "synchronous_commit=on",
        "-c", "log_min_messages=warning",
    ];
}
