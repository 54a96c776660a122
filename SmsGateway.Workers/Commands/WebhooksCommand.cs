using System.CommandLine;
using System.Globalization;

using Npgsql;

using SmsGateway.Core.Messages;
using SmsGateway.Workers.Webhooks;

namespace SmsGateway.Workers.Commands;

/// <summary><c>webhooks</c>: an account's secret, and what could not be told to it. Of an address only the host is shown: the rest may hold a secret.</summary>
internal static class WebhooksCommand
{
    private const int MostShown = 100;

    public static Command Create() => new("webhooks", "Show and rotate an account's webhook secret; list and repeat what it could not be told")
    {
        CreateSecret(),
        CreateList(),
        CreateResend(),
    };

    private static Command CreateSecret()
    {
        var account = AccountArgument.Create();
        var rotate = new Option<bool>("--rotate") { Description = "Make a new secret first; the old one signs too for a day" };
        var command = new Command("secret", "Print the secret that the account's webhooks are signed with") { account, rotate };
        command.SetAction((parsed, cancellationToken) => RunAsync(parsed.GetRequiredValue(account), cancellationToken, async (services, userId) =>
        {
            var secrets = ActivatorUtilities.CreateInstance<WebhookSecrets>(services);
            var secret = parsed.GetValue(rotate) ? await secrets.RotateAsync(userId, cancellationToken) : await secrets.GetAsync(userId, cancellationToken);
            await Console.Out.WriteLineAsync(secret.Reveal());
            return 0;
        }));
        return command;
    }

    private static Command CreateList()
    {
        var account = AccountArgument.Create();
        var command = new Command("list", $"List what is not told yet or was given up, newest first, up to {MostShown}") { account };
        command.SetAction((parsed, cancellationToken) => RunAsync(
            parsed.GetRequiredValue(account), cancellationToken, (services, userId) => ListAsync(services.GetRequiredService<NpgsqlDataSource>(), userId, cancellationToken)));
        return command;
    }

    private static Command CreateResend()
    {
        var account = AccountArgument.Create();
        var command = new Command("resend", "Tell what was given up, refused or answered with 410 once more, with the same event ids") { account };
        command.SetAction((parsed, cancellationToken) => RunAsync(parsed.GetRequiredValue(account), cancellationToken, async (services, userId) =>
        {
            int events = await ResendAsync(
                services.GetRequiredService<NpgsqlDataSource>(), userId, services.GetRequiredService<TimeProvider>().GetUtcNow(), cancellationToken);
            await Console.Out.WriteLineAsync($"{events} events are told once more");
            return 0;
        }));
        return command;
    }

    private static Task<int> RunAsync(string account, CancellationToken cancellationToken, Func<IServiceProvider, long, Task<int>> action) =>
        CommandHost.RunAsync(async services =>
            await AccountArgument.FindAsync(services.GetRequiredService<NpgsqlDataSource>(), account, cancellationToken) is { } userId
                ? await action(services, userId)
                : 1);

    private static async Task<int> ListAsync(NpgsqlDataSource database, long userId, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand(
            """
            SELECT sms_id, state::text, happened_at, attempts, coalesce(result, 'open'), last_error, substring(url FROM '^([^/]*//[^/?#]*)'), coalesce(done_at, due_at)
              FROM ((SELECT * FROM webhook_outbox WHERE user_id = $1 AND done_at IS NULL ORDER BY lane, due_at LIMIT $2)
                    UNION ALL (SELECT * FROM webhook_outbox WHERE user_id = $1 AND result <> 'delivered' ORDER BY done_at DESC LIMIT $2)) o
             ORDER BY happened_at DESC LIMIT $2
            """);
        command.Parameters.Add(new() { Value = userId });
        command.Parameters.Add(new() { Value = MostShown });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        int shown = 0;
        while (await reader.ReadAsync(cancellationToken))
        {
            MessageStates.TryParse(reader.GetString(1), out var state);
            string error = reader.IsDBNull(5) ? "" : reader.GetString(5);
            string host = reader.IsDBNull(6) ? "" : reader.GetString(6);
            await Console.Out.WriteLineAsync(
                $"{WebhookEvent.IdOf(reader.GetGuid(0), state),-48} {Text(reader, 2)} {reader.GetString(4),-9} calls {reader.GetInt16(3),3} {(reader.GetString(4) == "open" ? "next" : "ended")} {Text(reader, 7)} {error,-20} {host}");
            shown++;
        }

        await Console.Out.WriteLineAsync($"{shown} events shown");
        return 0;
    }

    internal static async Task<int> ResendAsync(NpgsqlDataSource database, long userId, DateTimeOffset now, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand(
            """
            UPDATE webhook_outbox SET done_at = NULL, result = NULL, due_at = $2, expires_at = NULL, attempts = 0
             WHERE user_id = $1 AND result <> 'delivered'
            """);
        command.Parameters.Add(new() { Value = userId });
        command.Parameters.Add(new() { Value = now });
        return await command.ExecuteNonQueryAsync(cancellationToken);
    }

    private static string Text(NpgsqlDataReader reader, int column) =>
        reader.GetFieldValue<DateTimeOffset>(column).UtcDateTime.ToString("u", CultureInfo.InvariantCulture);
}
