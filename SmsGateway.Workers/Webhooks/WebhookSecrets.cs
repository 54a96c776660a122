using Npgsql;

namespace SmsGateway.Workers.Webhooks;

/// <summary>The accounts' secrets. An account gets one when it is first needed.</summary>
internal sealed class WebhookSecrets(NpgsqlDataSource database, TimeProvider clock)
{
    /// <summary>How long the secret before signs too after a rotation: the time that a customer has to learn the new one.</summary>
    public static readonly TimeSpan Overlap = TimeSpan.FromDays(1);

    /// <summary>The account's secret; made if it has none. Two that ask at once get the same.</summary>
    public async Task<WebhookSecret> GetAsync(long userId, CancellationToken cancellationToken)
    {
        await using var make = Command(
            "INSERT INTO webhook_secrets (user_id, secret, made_at) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING", userId, WebhookSecret.New().Key, clock.GetUtcNow());
        await make.ExecuteNonQueryAsync(cancellationToken);
        await using var read = Command("SELECT secret FROM webhook_secrets WHERE user_id = $1", userId);
        return new((byte[])(await read.ExecuteScalarAsync(cancellationToken))!);
    }

    /// <summary>Gives the account a new secret. The one before signs too for <see cref="Overlap"/>.</summary>
    public async Task<WebhookSecret> RotateAsync(long userId, CancellationToken cancellationToken)
    {
        var secret = WebhookSecret.New();
        var now = clock.GetUtcNow();
        await using var command = Command(
            """
            INSERT INTO webhook_secrets AS s (user_id, secret, made_at) VALUES ($1, $2, $3)
            ON CONFLICT (user_id) DO UPDATE SET secret = $2, made_at = $3, previous = s.secret, previous_until = $4
            """, userId, secret.Key, now, now + Overlap);
        await command.ExecuteNonQueryAsync(cancellationToken);
        return secret;
    }

    private NpgsqlCommand Command(string sql, params object[] arguments)
    {
        var command = database.CreateCommand(sql);
        foreach (object argument in arguments)
        {
            command.Parameters.Add(new() { Value = argument });
        }

        return command;
    }
}
