using System.CommandLine;

using Npgsql;

using SmsGateway.Core.Credits;
using SmsGateway.Core.Money;

namespace SmsGateway.Workers.Commands;

/// <summary><c>adjust</c>: adds credits to an account, or takes credits that it can spend, with a reason that its transactions show.</summary>
internal static class AdjustCommand
{
    private const int LongestText = 200;

    public static Command Create()
    {
        var account = AccountArgument.Create();
        var credits = new Argument<decimal>("credits") { Description = "Credits to add, or below zero to take: -12.5" };
        var reason = new Option<string>("--reason") { Description = "Why; the account's transactions show it", Required = true };
        var reference = new Option<string?>("--reference") { Description = "Names the adjustment: repeating it with the same reference changes nothing" };
        var command = new Command("adjust", "Add credits to an account or take them away, with a reason") { account, credits, reason, reference };
        command.SetAction((parsed, cancellationToken) => CommandHost.RunAsync(services => RunAsync(
            services, parsed.GetRequiredValue(account), parsed.GetValue(credits), parsed.GetRequiredValue(reason), parsed.GetValue(reference), cancellationToken)));
        return command;
    }

    private static async Task<int> RunAsync(
        IServiceProvider services, string account, decimal credits, string reason, string? reference, CancellationToken cancellationToken)
    {
        if (!Amount.TryFromCredits(credits, out var amount) || amount == Amount.Zero)
        {
            await Console.Error.WriteLineAsync($"{credits} is no amount: credits have at most {Amount.DecimalPlaces} decimal places and are not 0");
            return 1;
        }

        if (!IsText(reason) || (reference is not null && !IsText(reference)))
        {
            await Console.Error.WriteLineAsync($"reason and reference have 1 to {LongestText} characters");
            return 1;
        }

        if (await AccountArgument.FindAsync(services.GetRequiredService<NpgsqlDataSource>(), account, cancellationToken) is not { } userId)
        {
            return 1;
        }

        if (reference is null)
        {
            // Before anything is done: whoever must repeat it needs the name.
            reference = "adj-" + Guid.CreateVersion7(services.GetRequiredService<TimeProvider>().GetUtcNow());
            await Console.Error.WriteLineAsync($"reference {reference}");
        }

        var result = await services.GetRequiredService<Adjuster>()
            .AdjustAsync(new(userId, LedgerKinds.Adjustment, amount, reference, reason), cancellationToken);
        var (isDone, text) = Describe(result);
        if (!isDone)
        {
            await Console.Error.WriteLineAsync($"account {account} is not adjusted: {text}");
            return 1;
        }

        var money = await services.GetRequiredService<MoneyReader>().ReadDatabaseAsync(userId, MoneyReader.Latest, cancellationToken);
        await Console.Out.WriteLineAsync($"account {account}: {text} {amount} credits; the balance in the database is {new Amount(money!.Value.Balance)}");
        return 0;
    }

    private static bool IsText(string text) => text.Length is >= 1 and <= LongestText && !text.Contains('\0', StringComparison.Ordinal);

    private static (bool IsDone, string Text) Describe(CreditResult result) => result switch
    {
        CreditResult.Written => (true, "adjusted by"),
        CreditResult.WrittenBefore => (true, "was adjusted before by"),
        CreditResult.OtherAmount => (false, "the reference names another adjustment"),
        CreditResult.UnknownAccount => (false, "it has no credit account"),
        CreditResult.BalanceTooLarge => (false, $"its balance would be beyond {new Amount(Amount.MaxUnits)}"),
        CreditResult.BalanceTooLow => (false, "it cannot spend so much now; nothing is changed"),
        _ => (false, "Redis is being rebuilt or the balance is being loaded; nothing is changed, try again"),
    };
}
