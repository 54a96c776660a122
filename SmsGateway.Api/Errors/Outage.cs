using Npgsql;

using SmsGateway.Core.Redis;

namespace SmsGateway.Api.Errors;

/// <summary>Tells a part that is down, which passes, from a fault of the gateway, which does not.</summary>
internal static class Outage
{
    public static bool IsOutage(Exception exception) => RedisFailure.Is(exception) || IsDatabaseOutage(exception);

    /// <summary>Whether PostgreSQL could not be asked; false for what it answered to a wrong statement.</summary>
    public static bool IsDatabaseOutage(Exception exception) => exception is NpgsqlException { IsTransient: true };
}
