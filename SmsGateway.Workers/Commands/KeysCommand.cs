using System.CommandLine;
using System.Globalization;

using Npgsql;

using SmsGateway.Core.Accounts;

namespace SmsGateway.Workers.Commands;

/// <summary><c>keys</c>: lists, makes, replaces and ends the API keys of an account. A new key is printed alone on standard output, once.</summary>
internal static class KeysCommand
{
    private const string DefaultRights = "send,read";

    public static Command Create() => new("keys", "List, make, replace and end the API keys of an account")
    {
        CreateList(),
        CreateCreate(),
        CreateNamed("rotate", "Replace a key by a new one of the same name, rights and expiry; the old one ends", RotateAsync),
        CreateNamed("revoke", "End a key, within a second", RevokeAsync),
    };

    private static Command CreateList()
    {
        var account = AccountArgument.Create();
        var command = new Command("list", "List the account's keys") { account };
        command.SetAction((parsed, cancellationToken) => RunAsync(parsed.GetRequiredValue(account), ListAsync, cancellationToken));
        return command;
    }

    private static Command CreateCreate()
    {
        var account = AccountArgument.Create();
        var name = NameArgument();
        var rights = new Option<string>("--rights")
        {
            Description = "Of send, read, billing and admin, with commas between", DefaultValueFactory = _ => DefaultRights,
        };
        var expires = new Option<DateTimeOffset?>("--expires") { Description = "When the key ends: 2030-01-31T00:00:00Z; never, if left out" };
        var command = new Command("create", "Make a key and print it; nobody can see it again") { account, name, rights, expires };
        command.SetAction((parsed, cancellationToken) => RunAsync(
            parsed.GetRequiredValue(account),
            (keys, userId, token) => CreateAsync(
                keys, userId, parsed.GetRequiredValue(name), parsed.GetRequiredValue(rights), parsed.GetValue(expires), token),
            cancellationToken));
        return command;
    }

    private static Command CreateNamed(
        string verb, string description, Func<KeyAdministration, long, string, CancellationToken, Task<int>> action)
    {
        var account = AccountArgument.Create();
        var name = NameArgument();
        var command = new Command(verb, description) { account, name };
        command.SetAction((parsed, cancellationToken) => RunAsync(
            parsed.GetRequiredValue(account), (keys, userId, token) => action(keys, userId, parsed.GetRequiredValue(name), token), cancellationToken));
        return command;
    }

    private static Argument<string> NameArgument() => new("name") { Description = "Name of the key; an account has one valid key of a name" };

    private static Task<int> RunAsync(
        string account, Func<KeyAdministration, long, CancellationToken, Task<int>> action, CancellationToken cancellationToken) =>
        CommandHost.RunAsync(async services =>
        {
            var database = services.GetRequiredService<NpgsqlDataSource>();
            return await AccountArgument.FindAsync(database, account, cancellationToken) is { } userId
                ? await action(new(database), userId, cancellationToken)
                : 1;
        });

    private static async Task<int> ListAsync(KeyAdministration keys, long userId, CancellationToken cancellationToken)
    {
        foreach (var key in await keys.ListAsync(userId, cancellationToken))
        {
            string end = key.RevokedAt is { } revoked ? $"ended {Text(revoked)}" : key.ExpiresAt is { } expires ? $"expires {Text(expires)}" : "valid";
            await Console.Out.WriteLineAsync($"{key.Name,-24} {string.Join(',', key.Rights),-24} made {Text(key.CreatedAt)}  {end}");
        }

        return 0;
    }

    private static async Task<int> CreateAsync(
        KeyAdministration keys, long userId, string name, string rights, DateTimeOffset? expires, CancellationToken cancellationToken)
    {
        string[] names = rights.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        var parsed = RightsNames.Parse(names);
        if (!KeyAdministration.IsName(name) || parsed == Rights.None || parsed.Names().Length != names.Distinct().Count())
        {
            await Console.Error.WriteLineAsync($"a key needs a name ({KeyAdministration.NameRule}), and rights of send, read, billing and admin");
            return 1;
        }

        return await ShowAsync(await keys.CreateAsync(userId, name, parsed, expires, cancellationToken), $"the account has a valid key named {name}");
    }

    private static async Task<int> RotateAsync(KeyAdministration keys, long userId, string name, CancellationToken cancellationToken) =>
        await ShowAsync(await keys.RotateAsync(userId, name, cancellationToken), $"the account has no valid key named {name}");

    private static async Task<int> RevokeAsync(KeyAdministration keys, long userId, string name, CancellationToken cancellationToken)
    {
        if (await keys.RevokeAsync(userId, name, cancellationToken))
        {
            await Console.Out.WriteLineAsync($"key {name} has ended");
            return 0;
        }

        await Console.Error.WriteLineAsync($"the account has no valid key named {name}");
        return 1;
    }

    private static async Task<int> ShowAsync(string? key, string failure)
    {
        await (key is null ? Console.Error : Console.Out).WriteLineAsync(key ?? failure);
        return key is null ? 1 : 0;
    }

    private static string Text(DateTimeOffset time) => time.UtcDateTime.ToString("u", CultureInfo.InvariantCulture);
}
