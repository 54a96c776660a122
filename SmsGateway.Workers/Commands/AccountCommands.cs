using System.CommandLine;

using Npgsql;

namespace SmsGateway.Workers.Commands;

/// <summary><c>suspend</c> and <c>resume</c>: an account that is suspended sends nothing; the API learns of it within a second.</summary>
internal static class AccountCommands
{
    public static Command CreateSuspend() => Create("suspend", "Stop an account from sending, within a second", "suspended");

    public static Command CreateResume() => Create("resume", "Let a suspended account send again", "active");

    private static Command Create(string name, string description, string status)
    {
        var account = AccountArgument.Create();
        var command = new Command(name, description) { account };
        command.SetAction((parsed, cancellationToken) =>
            CommandHost.RunAsync(services => RunAsync(services, parsed.GetRequiredValue(account), status, cancellationToken)));
        return command;
    }

    private static async Task<int> RunAsync(IServiceProvider services, string account, string status, CancellationToken cancellationToken)
    {
        var database = services.GetRequiredService<NpgsqlDataSource>();
        if (await AccountArgument.FindAsync(database, account, cancellationToken) is not { } userId)
        {
            return 1;
        }

        await SetStatusAsync(database, userId, status, cancellationToken);
        await Console.Out.WriteLineAsync($"account {account} is {status}");
        return 0;
    }

    internal static async Task SetStatusAsync(NpgsqlDataSource database, long userId, string status, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand(
            "UPDATE accounts SET status = $2, changed_at = now() WHERE user_id = $1 AND status <> $2");
        command.Parameters.Add(new() { Value = userId });
        command.Parameters.Add(new() { Value = status });
        await command.ExecuteNonQueryAsync(cancellationToken);
    }
}
