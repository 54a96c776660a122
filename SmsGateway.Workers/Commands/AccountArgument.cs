using System.CommandLine;
using System.Globalization;

using Npgsql;

namespace SmsGateway.Workers.Commands;

/// <summary>How an operator names an account: by its name, else by its number.</summary>
internal static class AccountArgument
{
    public static Argument<string> Create() => new("account") { Description = "Name or number of the account" };

    /// <summary>The account's number; null, and a word to the operator, where there is none.</summary>
    public static async Task<long?> FindAsync(NpgsqlDataSource database, string account, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand(
            "SELECT user_id FROM accounts WHERE name = $1 OR user_id = $2 ORDER BY name = $1 DESC LIMIT 1");
        command.Parameters.Add(new() { Value = account });
        command.Parameters.Add(new() { Value = long.TryParse(account, NumberStyles.None, CultureInfo.InvariantCulture, out long number) ? number : -1 });
        var found = (long?)await command.ExecuteScalarAsync(cancellationToken);
        if (found is null)
        {
            await Console.Error.WriteLineAsync($"there is no account {account}");
        }

        return found;
    }
}
