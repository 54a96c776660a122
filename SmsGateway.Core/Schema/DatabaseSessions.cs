using System.Globalization;

using Npgsql;

namespace SmsGateway.Core.Schema;

/// <summary>What every process asks of its sessions with PostgreSQL.</summary>
public static class DatabaseSessions
{
    /// <summary>
    /// How long a session may do nothing within a transaction. A process that stands still, or whose machine is gone, would keep the accounts
    /// that it has locked from everybody else for as long.
    /// </summary>
    public static readonly TimeSpan LongestIdle = TimeSpan.FromSeconds(5);

    /// <summary>Lets PostgreSQL end a session that does nothing within a transaction for <see cref="LongestIdle"/>.</summary>
    public static void Bound(NpgsqlConnectionStringBuilder session) => Bound(session, LongestIdle);

    internal static void Bound(NpgsqlConnectionStringBuilder session, TimeSpan longestIdle) => session.Options = string.Create(
        CultureInfo.InvariantCulture, $"{session.Options} -c idle_in_transaction_session_timeout={longestIdle.TotalMilliseconds:0}").TrimStart();
}
