using System.CommandLine;

using Npgsql;

using SmsGateway.Core.Accounts;

namespace SmsGateway.Workers.Commands;

/// <summary>How an operator names an account: by its name, else by its number.</summary>
internal static class AccountArgument
{
    public static Argument<string> Create() => new("account") { Description = "Name or number of the account" };

    /// <summary>The account's number; null, and a word to the operator, where there is none.</summary>
    public static async Task<long?> FindAsync(NpgsqlDataSource database, string account, CancellationToken cancellationToken)
    {
        var found = await new KeyAdministration(database).FindAccountAsync(account, cancellationToken);
        if (found is null)
        {
            await Console.Error.WriteLineAsync($"there is no account {account}");
        }

        return found;
    }
}
