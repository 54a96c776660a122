using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Serialization;

using Npgsql;

using SmsGateway.Core.Accounts;
using SmsGateway.Core.Credits;
using SmsGateway.Core.Money;

namespace SmsGateway.Workers.Commands;

/// <summary>
/// <c>seed</c>: makes the demo accounts <c>admin</c>, <c>heavy_user</c> and <c>normal_user</c> with a key each, and prints each key once, as one JSON line an
/// account. An account that is there keeps its key, which is not known any more (<c>null</c>); <c>--rotate</c> gives it a new one.
/// </summary>
internal static class SeedCommand
{
    private const string KeyName = "demo";

    private static readonly (string Name, long Credits, Rights Rights)[] Accounts =
    [
        ("admin", 0, Rights.Send | Rights.Read | Rights.Billing | Rights.Admin),
        ("heavy_user", 10_000_000, Rights.Send | Rights.Read),
        ("normal_user", 5_000, Rights.Send | Rights.Read),
    ];

    public static Command Create()
    {
        var rotate = new Option<bool>("--rotate") { Description = "Give demo accounts that exist a new key; the old one ends" };
        var command = new Command("seed", "Make the demo accounts and print their API keys") { rotate };
        command.SetAction((parsed, cancellationToken) =>
            CommandHost.RunAsync(services => RunAsync(services, parsed.GetValue(rotate), cancellationToken)));
        return command;
    }

    private static async Task<int> RunAsync(IServiceProvider services, bool rotate, CancellationToken cancellationToken)
    {
        var database = services.GetRequiredService<NpgsqlDataSource>();
        var sync = services.GetRequiredService<CreditSync>();
        foreach (var (name, credits, rights) in Accounts)
        {
            string key = ApiKey.New();
            long? userId = await MakeAsync(database, name, credits, rights, key, cancellationToken);
            if (userId is { } created)
            {
                await sync.SyncAccountAsync(created, cancellationToken);
            }
            else if (rotate)
            {
                await RotateAsync(database, name, rights, key, cancellationToken);
            }

            string? shown = userId is not null || rotate ? key : null;
            await Console.Out.WriteLineAsync(JsonSerializer.Serialize(new SeededKey(name, shown), SeedJson.Default.SeededKey));
        }

        return 0;
    }

    /// <summary>Account, key and first credit, all or none; null where the account is there.</summary>
    internal static async Task<long?> MakeAsync(
        NpgsqlDataSource database, string name, long credits, Rights rights, string key, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand(
            """
            WITH account AS (
              INSERT INTO accounts (name) VALUES ($1) ON CONFLICT DO NOTHING RETURNING user_id
            ), credit AS (
              INSERT INTO credit_accounts (user_id) SELECT user_id FROM account RETURNING user_id
            ), key AS (
              INSERT INTO api_keys (key_hash, user_id, name, rights) SELECT $2, user_id, $3, $4 FROM account
            ), topup AS (
              INSERT INTO credit_ledger (user_id, kind, amount, reference, description)
              SELECT user_id, 'topup', $5, 'seed', 'demo credit' FROM credit WHERE $5 > 0
            )
            SELECT user_id FROM account
            """);
        command.Parameters.Add(new() { Value = name });
        command.Parameters.Add(new() { Value = ApiKey.Hash(key) });
        command.Parameters.Add(new() { Value = KeyName });
        command.Parameters.Add(new() { Value = rights.Names() });
        command.Parameters.Add(new() { Value = credits * Amount.UnitsPerCredit });
        return (long?)await command.ExecuteScalarAsync(cancellationToken);
    }

    /// <summary>Ends the account's demo key and makes another, both or neither.</summary>
    private static async Task RotateAsync(
        NpgsqlDataSource database, string name, Rights rights, string key, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await using var revoke = new NpgsqlCommand(
            """
            UPDATE api_keys k SET revoked_at = now(), changed_at = now()
              FROM accounts a
             WHERE a.user_id = k.user_id AND a.name = $1 AND k.name = $2 AND k.revoked_at IS NULL
            """, connection, transaction)
        {
            Parameters = { new() { Value = name }, new() { Value = KeyName } },
        };
        await revoke.ExecuteNonQueryAsync(cancellationToken);
        await using var make = new NpgsqlCommand(
            "INSERT INTO api_keys (key_hash, user_id, name, rights) SELECT $1, user_id, $2, $3 FROM accounts WHERE name = $4", connection, transaction)
        {
            Parameters = { new() { Value = ApiKey.Hash(key) }, new() { Value = KeyName }, new() { Value = rights.Names() }, new() { Value = name } },
        };
        await make.ExecuteNonQueryAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
    }
}

/// <summary>What <c>seed</c> prints of an account.</summary>
internal sealed record SeededKey(string User, string? ApiKey);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(SeededKey))]
internal sealed partial class SeedJson : JsonSerializerContext;
