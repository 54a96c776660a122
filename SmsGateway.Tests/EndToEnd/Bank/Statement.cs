using System.Text.Json;

namespace SmsGateway.Tests.EndToEnd.Bank;

/// <summary>Compares a customer's books with what the gateway tells it over HTTP once all has come to rest.</summary>
internal sealed class Statement(Customer customer, Books books)
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(2);
    private static readonly string[] Refunded = ["failed", "expired", "cancelled"];
    private static readonly string[] Final = ["delivered", "undelivered", .. Refunded];

    private readonly Dictionary<Guid, string> _states = [];

    /// <summary>Waits until each message has ended, and returns how many have ended how.</summary>
    public async Task<IReadOnlyDictionary<string, int>> ReadStatesAsync()
    {
        foreach (var message in books.Messages.Values)
        {
            await Until.CompleteAsync(Limit, async () =>
            {
                var view = await customer.FindMessageAsync(message.Id);
                string state = view.GetProperty("status").GetString()!;
                Assert.Equal(message.Cost, view.GetProperty("cost").GetDecimal());
                _states[message.Id] = state;
                return Final.Contains(state) ? "" : $"the end of message {message.Id} of account {customer.UserId}, which is {state}";
            });
        }

        return _states.Values.CountBy(state => state).ToDictionary();
    }

    /// <summary>What was said of cancelling is what has become of the messages.</summary>
    public void AssertCancelledAsAnswered()
    {
        Assert.All(books.Cancelled, id => Assert.Equal("cancelled", _states[id]));
        Assert.All(books.NotCancelled, id => Assert.NotEqual("cancelled", _states[id]));
        Assert.Empty(_states.Where(message => message.Value == "cancelled").Select(message => message.Key).Except(books.Cancelled));
    }

    /// <summary>The balance is what the books say, in Redis and in the database, to the unit.</summary>
    public async Task AssertBalanceAsync()
    {
        decimal expected = books.Expected(_states.Where(message => Refunded.Contains(message.Value)).Select(message => message.Key).ToHashSet());
        var zero = (expected, 0m, expected);
        await Until.CompleteAsync(Limit, async () =>
        {
            var told = (await customer.GetAsync("/api/credits/balance/")).Body;
            var money = (Credits(told, "balance"), Credits(told, "pending"), Credits(told, "database_balance"));
            return money == zero ? "" : $"account {customer.UserId} must have {expected} and has {told}";
        });
    }

    /// <summary>Every row of the ledger is in the books and the other way round: each top-up once, each refund once, and all costs.</summary>
    public async Task AssertTransactionsAsync()
    {
        var transactions = await ReadTransactionsAsync();
        var topUps = transactions.Where(row => Kind(row) == "topup").ToList();
        Assert.Equal(
            books.TopUps.Select(topUp => (topUp.Key, topUp.Value)).Order(),
            topUps.Select(row => (row.GetProperty("reference").GetString()!, Credits(row, "amount"))).Order());

        var refunds = transactions.Where(row => Kind(row) == "refund")
            .Select(row => (row.GetProperty("reference").GetGuid(), Credits(row, "amount"))).Order();
        Assert.Equal(
            _states.Where(message => Refunded.Contains(message.Value)).Select(message => (message.Key, books.Messages[message.Key].Cost)).Order(), refunds);

        Assert.Equal(-books.Messages.Values.Sum(message => message.Cost), transactions.Where(row => Kind(row) == "usage").Sum(row => Credits(row, "amount")));
    }

    /// <summary>Spends what is left: not one message more than can be paid.</summary>
    public async Task AssertCannotOverspendAsync()
    {
        decimal left = Credits((await customer.GetAsync("/api/credits/balance/")).Body, "balance");
        var message = new { recipient = "+491500000000", message = "the last", scheduled_at = TimeProvider.System.GetUtcNow().AddDays(1) };
        var first = await customer.SendAsync(new { message.recipient, message.message, message.scheduled_at, dry_run = true });
        decimal cost = Credits(first.Body, "cost");
        int affordable = (int)(left / cost);

        var answers = await Task.WhenAll(Enumerable.Range(0, affordable + 10).Select(_ => customer.SendAsync(message)));

        Assert.Equal(affordable, answers.Count(answer => answer.Status == System.Net.HttpStatusCode.Accepted));
        Assert.Equal(10, answers.Count(answer => answer.Status == System.Net.HttpStatusCode.PaymentRequired));
        Assert.Equal(left - (affordable * cost), Credits((await customer.GetAsync("/api/credits/balance/")).Body, "balance"));
    }

    private async Task<List<JsonElement>> ReadTransactionsAsync()
    {
        var rows = new List<JsonElement>();
        for (string? page = "/api/credits/transactions/?limit=100"; page is not null;)
        {
            var body = (await customer.GetAsync(page)).Body;
            rows.AddRange(body.GetProperty("results").EnumerateArray());
            page = body.GetProperty("next").GetString();
        }

        return rows;
    }

    private static string? Kind(JsonElement row) => row.GetProperty("kind").GetString();

    private static decimal Credits(JsonElement json, string member) => json.GetProperty(member).GetDecimal();
}
