using System.CommandLine;
using System.Globalization;
using System.Text;

using Npgsql;

using SmsGateway.Core.Messages;
using SmsGateway.Core.Money;
using SmsGateway.Workers.DeadLetters;

namespace SmsGateway.Workers.Commands;

/// <summary>
/// <c>dead-letters</c>: lists what was set aside, shows one, puts back or drops some. A letter is named by the id that the list shows, or by the id of
/// its message. Neither texts nor whole numbers are shown, unless asked for.
/// </summary>
internal static class DeadLettersCommand
{
    private const int LongestReason = 200;
    private const int DefaultShown = 100;

    public static Command Create() => new("dead-letters", "List, inspect, requeue and drop what could not be processed")
    {
        CreateList(),
        CreateInspect(),
        CreateRequeue(),
        CreateDrop(),
    };

    private static Command CreateList()
    {
        var limit = new Option<int>("--limit") { Description = "Most letters to show", DefaultValueFactory = _ => DefaultShown };
        var source = new Option<string?>("--source") { Description = "Only those of ingest, dispatch or status" };
        var command = new Command("list", "List the dead letters with their reasons, oldest first") { limit, source };
        command.SetAction((parsed, cancellationToken) => CommandHost.RunAsync(
            services => ListAsync(Box(services), parsed.GetValue(limit), parsed.GetValue(source), cancellationToken)));
        return command;
    }

    private static Command CreateInspect()
    {
        var id = new Argument<string>("id") { Description = "Id of a letter, or of its message" };
        var reveal = new Option<bool>("--reveal") { Description = "Print what was set aside too, with text and number" };
        var command = new Command("inspect", "Show what is known of a dead letter") { id, reveal };
        command.SetAction((parsed, cancellationToken) => CommandHost.RunAsync(
            services => InspectAsync(services, parsed.GetRequiredValue(id), parsed.GetValue(reveal), cancellationToken)));
        return command;
    }

    private static Command CreateRequeue()
    {
        var ids = IdsArgument();
        var all = new Option<bool>("--all") { Description = "All of them" };
        var command = new Command("requeue", "Put dead letters back where they came from; a message that was paid back is charged again") { ids, all };
        command.SetAction((parsed, cancellationToken) => CommandHost.RunAsync(
            services => RequeueAsync(Box(services), parsed.GetValue(ids) ?? [], parsed.GetValue(all), cancellationToken)));
        return command;
    }

    private static Command CreateDrop()
    {
        var ids = IdsArgument();
        var all = new Option<bool>("--all") { Description = "All of them" };
        var reason = new Option<string>("--reason") { Description = "Why; it is kept", Required = true };
        var command = new Command("drop", "Drop dead letters for good; a message that is still charged fails and is refunded") { ids, all, reason };
        command.SetAction((parsed, cancellationToken) => CommandHost.RunAsync(services => DropAsync(
            services, parsed.GetValue(ids) ?? [], parsed.GetValue(all), parsed.GetRequiredValue(reason), cancellationToken)));
        return command;
    }

    private static Argument<string[]> IdsArgument() =>
        new("ids") { Description = "Ids of letters, or of their messages", Arity = ArgumentArity.ZeroOrMore };

    private static DeadLetterBox Box(IServiceProvider services) => ActivatorUtilities.CreateInstance<DeadLetterBox>(services);

    private static async Task<int> ListAsync(DeadLetterBox box, int limit, string? source, CancellationToken cancellationToken)
    {
        int shown = 0;
        await foreach (var letter in box.ReadAsync(cancellationToken).Where(letter => source is null || letter.Letter?.Source == source).Take(limit))
        {
            await Console.Out.WriteLineAsync(Line(letter));
            shown++;
        }

        await Console.Out.WriteLineAsync($"{shown} shown of {await box.CountAsync()}");
        return 0;
    }

    private static async Task<int> InspectAsync(IServiceProvider services, string id, bool reveal, CancellationToken cancellationToken)
    {
        var letters = await FindAsync(Box(services), [id], all: false, cancellationToken);
        foreach (var letter in letters)
        {
            await Console.Out.WriteLineAsync(Line(letter));
            await Console.Out.WriteLineAsync($"  {Content(letter)}");
            if (MessageId.TryParse(letter.Letter?.Id, out var message))
            {
                await Console.Out.WriteLineAsync(
                    $"  in the database: {await StateAsync(services.GetRequiredService<NpgsqlDataSource>(), message, cancellationToken) ?? "no such message"}");
            }

            if (reveal)
            {
                await Console.Out.WriteLineAsync("  " + Encoding.UTF8.GetString(letter.Letter?.Payload ?? (byte[])letter.Raw!));
            }
        }

        return letters.Count > 0 ? 0 : 1;
    }

    internal static async Task<int> RequeueAsync(DeadLetterBox box, string[] ids, bool all, CancellationToken cancellationToken)
    {
        int left = 0;
        var letters = await FindAsync(box, ids, all, cancellationToken);
        foreach (var letter in letters)
        {
            var result = await box.RequeueAsync(letter, cancellationToken);
            if (result != RequeueResult.Requeued)
            {
                left++;
                await Console.Out.WriteLineAsync($"{Line(letter)} (not requeued: {Describe(result)})");
            }
        }

        await Console.Out.WriteLineAsync($"requeued {letters.Count - left}, left {left}");
        return left == 0 && (all || letters.Count > 0) ? 0 : 1;
    }

    private static async Task<int> DropAsync(IServiceProvider services, string[] ids, bool all, string reason, CancellationToken cancellationToken)
    {
        if (reason.Length is 0 or > LongestReason || reason.Contains('\0', StringComparison.Ordinal))
        {
            await Console.Error.WriteLineAsync($"a reason has 1 to {LongestReason} characters");
            return 1;
        }

        var dropper = ActivatorUtilities.CreateInstance<LetterDropper>(services);
        int dropped = 0;
        var letters = await FindAsync(Box(services), ids, all, cancellationToken);
        foreach (var letter in letters)
        {
            bool isDropped = await dropper.DropAsync(letter, reason, cancellationToken);
            dropped += isDropped ? 1 : 0;
            await Console.Out.WriteLineAsync($"{Line(letter)} ({(isDropped ? "dropped" : "was gone")})");
        }

        await Console.Out.WriteLineAsync($"dropped {dropped}");
        return all || letters.Count > 0 ? 0 : 1;
    }

    /// <summary>The letters of these ids, or all; a word to the operator where there is none.</summary>
    private static async Task<List<SetAside>> FindAsync(DeadLetterBox box, string[] ids, bool all, CancellationToken cancellationToken)
    {
        if (!all && ids.Length == 0)
        {
            await Console.Error.WriteLineAsync("name the letters, or say --all");
            return [];
        }

        var found = await box.ReadAsync(cancellationToken)
            .Where(letter => all || ids.Contains(letter.Id) || (letter.Letter?.Id is { } message && ids.Contains(message)))
            .ToListAsync(cancellationToken);
        foreach (string missing in ids.Where(id => !found.Exists(letter => letter.Id == id || letter.Letter?.Id == id)))
        {
            await Console.Error.WriteLineAsync($"there is no dead letter {missing}");
        }

        return found;
    }

    private static string Line(SetAside aside) => aside.Letter is { } letter
        ? $"{aside.Id} {letter.At.UtcDateTime.ToString("u", CultureInfo.InvariantCulture)} {letter.Source,-8} {letter.Id,-36} {letter.Reason}"
        : $"{aside.Id} is no dead letter";

    private static string Content(SetAside aside) => aside switch
    {
        { Message: { } message } => $"message of account {message.UserId}: {message.Priority.Name()}, to {Mask(message.Recipient)}, {message.Text?.Length ?? 0} characters, "
            + $"{message.Segments} segments, {new Amount(message.CostUnits)} credits (paid back), valid until {message.ValidUntil:u}",
        { Outcome: { } outcome } => $"outcome: {outcome.State.Name()} at {outcome.At:u}, provider {outcome.Provider ?? "none"}, error {outcome.ErrorCode ?? "none"}",
        { Damaged: not null } => "payload that was damaged in Redis; the message is charged",
        _ => $"{aside.Letter?.Payload?.Length ?? 0} bytes that are neither message nor outcome",
    };

    /// <summary>As much of a number as tells its country.</summary>
    private static string Mask(string? number) => number is { Length: > 5 } ? number[..4] + new string('*', number.Length - 4) : "***";

    private static string Describe(RequeueResult result) => result switch
    {
        RequeueResult.Gone => "it is not there any more",
        RequeueResult.Waiting => "the message waits to be sent already",
        RequeueResult.BalanceTooLow => "the balance is too low",
        RequeueResult.BalanceNotLoaded => "the balance is being loaded; try again",
        RequeueResult.Closed => "Redis is being rebuilt; try again",
        RequeueResult.NotQueued => "a provider may have it, or it has ended; only drop takes it away",
        _ => "it holds nothing that can be processed",
    };

    private static async Task<string?> StateAsync(NpgsqlDataSource database, Guid id, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand("SELECT state::text FROM sms_messages WHERE id = $1 AND created_at = $2");
        command.Parameters.Add(new() { Value = id });
        command.Parameters.Add(new() { Value = MessageId.CreatedAt(id) });
        return (string?)await command.ExecuteScalarAsync(cancellationToken);
    }
}
