using Npgsql;

namespace SmsGateway.Workers;

/// <summary>Tells errors that trying again cannot mend from the others.</summary>
internal static class PostgresErrors
{
    /// <summary>Whether the database refuses the data itself: data exceptions (class 22) and broken constraints (class 23).</summary>
    public static bool IsAboutData(PostgresException error) =>
        error.SqlState.StartsWith("22", StringComparison.Ordinal) || error.SqlState.StartsWith("23", StringComparison.Ordinal);
}
