using System.Globalization;

using SmsGateway.Core.Accounts;

using Xunit.Abstractions;

namespace SmsGateway.Tests.EndToEnd.Bank;

/// <summary>
/// Customers top up, send and cancel through Nginx, and the provider refuses some of it, while one part of the gateway after the other is killed.
/// Afterwards every balance, and every row that makes it up, must be what the customers' own books say, which know nothing of the gateway but its answers.
/// <c>BANK_SEED</c> repeats a run's choices; <c>BANK_SECONDS</c> and <c>BANK_ACCOUNTS</c> make it longer and larger.
/// </summary>
[Collection(EndToEndTestGroup.Name)]
public sealed class BankIntegrationTests(RunningStack stack, ITestOutputHelper output) : IClassFixture<RunningStack>
{
    private const int ClientsPerAccount = 3;

    /// <summary>Calls answered between a repair and the next kill.</summary>
    private const int CallsBetween = 60;

    /// <summary>Calls that are let go while a part is away: some get no answer.</summary>
    private static readonly TimeSpan LongestAway = TimeSpan.FromSeconds(2);

    private static readonly TimeSpan ProgressLimit = TimeSpan.FromSeconds(90);

    private static readonly (string Resource, int Replica)[][] Victims =
    [
        [("redis", 0)], [("postgres", 0)], [("workers", 0)], [("workers", 1)], [("workers", 0), ("workers", 1)], [("api-1", 0)], [("api-2", 0)],
        [("redis", 0), ("postgres", 0)], [("redis", 0), ("workers", 0)], [("edge", 0)],
    ];

    [Fact]
    public async Task Bank_every_balance_is_what_the_customers_own_books_say()
    {
        int seed = Read("BANK_SEED", (int)(TimeProvider.System.GetTimestamp() % 1_000_000));
        var duration = TimeSpan.FromSeconds(Read("BANK_SECONDS", 12));
        output.WriteLine($"BANK_SEED={seed} BANK_SECONDS={duration.TotalSeconds:0}");
        var log = new BankLog();
        var accounts = await Task.WhenAll(Enumerable.Range(0, Read("BANK_ACCOUNTS", 4)).Select(
            async _ => (Customer: await stack.NewCustomerAsync(0, Rights.Send | Rights.Read | Rights.Billing), Books: new Books())));

        using var stopping = new CancellationTokenSource();
        var clients = accounts.SelectMany((account, a) => Enumerable.Range(0, ClientsPerAccount).Select(
            c => new BankClient(account.Customer, account.Books, log, (seed * 1_000) + (a * ClientsPerAccount) + c).RunAsync(stopping.Token))).ToArray();
        await HarmAsync(new Random(seed), duration, log, clients);
        await stopping.CancelAsync();
        await Task.WhenAll(clients);

        output.WriteLine(log.ToString());
        Assert.Empty(log.Wrong);
        foreach (var (customer, books) in accounts)
        {
            var statement = new Statement(customer, books);
            var states = await statement.ReadStatesAsync();
            output.WriteLine($"account {customer.UserId}: {books.TopUps.Count} top-ups; messages: {string.Join(", ", states.OrderBy(state => state.Key))}");
            statement.AssertCancelledAsAnswered();
            await statement.AssertBalanceAsync();
            await statement.AssertTransactionsAsync();
            await statement.AssertCannotOverspendAsync();
        }

        await stack.AssertAuditIsCleanAsync();
    }

    /// <summary>Kills and starts again until the time is over; when, is counted in calls, so that each kill meets some.</summary>
    private async Task HarmAsync(Random random, TimeSpan duration, BankLog log, Task[] clients)
    {
        long start = TimeProvider.System.GetTimestamp();
        do
        {
            await AnswerAsync(log, clients, random.Next(CallsBetween / 2, CallsBetween));
            var victims = Victims[random.Next(Victims.Length)];
            var away = LongestAway * random.NextDouble();
            var processes = await Task.WhenAll(victims.Select(victim => stack.FindProcessAsync(victim.Resource, victim.Replica)));
            await Task.WhenAll(processes.Select(process => process.KillAsync()));
            output.WriteLine($"{TimeProvider.System.GetElapsedTime(start).TotalSeconds,5:0.0} s: killed {string.Join(" and ", victims)} for {away.TotalSeconds:0.0} s");
            using (var over = new PeriodicTimer(away))
            {
                await over.WaitForNextTickAsync();
            }

            await RunningProcess.StartAsync(processes);
        }
        while (TimeProvider.System.GetElapsedTime(start) < duration);

        await AnswerAsync(log, clients, CallsBetween);
    }

    /// <summary>Waits until so many more calls have had their answer. A client that has failed says why.</summary>
    private static Task AnswerAsync(BankLog log, Task[] clients, int more)
    {
        int goal = log.Answered + more;
        return Until.CompleteAsync(ProgressLimit, async () =>
        {
            await Task.WhenAll(clients.Where(client => client.IsFaulted));
            return log.Answered >= goal ? "" : log.ToString();
        });
    }

    private static int Read(string name, int otherwise) =>
        Environment.GetEnvironmentVariable(name) is { Length: > 0 } value ? int.Parse(value, CultureInfo.InvariantCulture) : otherwise;
}
