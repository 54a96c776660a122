using System.Collections.Concurrent;
using System.Globalization;
using System.Net;

namespace SmsGateway.Tests.EndToEnd.Bank;

/// <summary>What the clients of all customers share.</summary>
internal sealed class BankLog
{
    private readonly ConcurrentQueue<string> _wrong = new();
    private int _answered;
    private int _unanswered;

    /// <summary>Calls with a definite answer.</summary>
    public int Answered => Volatile.Read(ref _answered);

    /// <summary>Answers that nobody may ever get.</summary>
    public IReadOnlyCollection<string> Wrong => _wrong;

    public void Answer() => Interlocked.Increment(ref _answered);

    public void NoAnswer() => Interlocked.Increment(ref _unanswered);

    public void Blame(string what) => _wrong.Enqueue(what);

    public override string ToString() => $"{Answered} calls answered; {Volatile.Read(ref _unanswered)} times no answer, or none that is definite";
}

/// <summary>
/// One of a customer's clients: tops up, sends, cancels and asks for the balance at random, and writes into the books what it is answered. A call without
/// a definite answer is repeated with the same reference until it has one.
/// </summary>
internal sealed class BankClient(Customer customer, Books books, BankLog log, int seed)
{
    private const int BreakWithinMs = 30;
    private const int BrokenInPercent = 5;

    private static readonly TimeSpan Pace = TimeSpan.FromMilliseconds(40);

    /// <summary>How long the gateway may go without a definite answer to a call.</summary>
    private static readonly TimeSpan AnswerLimit = TimeSpan.FromSeconds(60);

    /// <summary>What the provider takes, takes and resets, refuses, and takes but does not deliver.</summary>
    private static readonly string[] Prefixes = ["+4915", "+4915", "+4915", "+999102", "+999400", "+999201"];

    private readonly Random _random = new(seed);
    private int _calls;

    public async Task RunAsync(CancellationToken stopping)
    {
        using var pace = new PeriodicTimer(Pace);
        while (!stopping.IsCancellationRequested)
        {
            await pace.WaitForNextTickAsync(CancellationToken.None);
            await (_random.Next(100) switch
            {
                < 15 => TopUpAsync(),
                < 20 => TopUpAgainAsync(),
                < 40 => CancelAsync(),
                < 50 => AskAsync(),
                _ => SendAsync(),
            });
        }
    }

    public async Task TopUpAsync()
    {
        string reference = NewName();
        decimal credits = _random.Next(1, 20_000) / 10_000m;
        var body = new { amount = credits, reference, description = "bank" };
        var answer = await UntilAnsweredAsync(broken => customer.PostAsync("/api/credits/charge/", body, null, broken));
        Expect(answer, HttpStatusCode.OK);
        if (answer.Status == HttpStatusCode.OK && !books.TryTopUp(reference, credits))
        {
            log.Blame($"{reference} was used twice by the test");
        }
    }

    /// <summary>The same top-up again, or another one under its reference: neither adds anything.</summary>
    private async Task TopUpAgainAsync()
    {
        if (books.PickTopUp(_random.Next()) is var (reference, credits))
        {
            bool isSame = _random.Next(2) == 0;
            var body = new { amount = isSame ? credits : credits + 1, reference, description = "bank" };
            var answer = await UntilAnsweredAsync(broken => customer.PostAsync("/api/credits/charge/", body, null, broken));
            Expect(answer, isSame ? HttpStatusCode.OK : HttpStatusCode.UnprocessableEntity);
            if (isSame && !answer.IsReplay)
            {
                log.Blame($"{reference} was added again: {answer}");
            }
        }
    }

    private async Task SendAsync()
    {
        string requestId = NewName();
        // Half of what is scheduled is due while somebody may be cancelling it.
        DateTimeOffset? scheduledAt = _random.Next(4) == 0 ? TimeProvider.System.GetUtcNow().AddMilliseconds(_random.Next(300, 3_000)) : null;
        var message = new
        {
            recipient = Prefixes[_random.Next(Prefixes.Length)] + _random.Next(100_000_000).ToString("D8", CultureInfo.InvariantCulture),
            message = new string('x', _random.Next(1, 400)),
            priority = _random.Next(4) == 0 ? "express" : "normal",
            scheduled_at = scheduledAt,
        };
        var answer = await UntilAnsweredAsync(broken => customer.SendAsync(message, requestId, broken));
        if (answer.Status == HttpStatusCode.Accepted)
        {
            var sent = new BookedMessage(answer.Body.GetProperty("sms_id").GetGuid(), answer.Body.GetProperty("cost").GetDecimal());
            if (!books.TryCharge(sent))
            {
                log.Blame($"{requestId} was answered with the id of another request, {sent.Id}");
            }
        }
        else if (answer.Status != HttpStatusCode.PaymentRequired && !WasTooLate(answer, scheduledAt))
        {
            log.Blame($"a send: {answer}");
        }
    }

    /// <summary>A time that has come before the first definite answer is refused, unless the request was taken before.</summary>
    private static bool WasTooLate(Answer answer, DateTimeOffset? scheduledAt) =>
        answer.Status == HttpStatusCode.BadRequest && scheduledAt < TimeProvider.System.GetUtcNow();

    /// <summary>Twice at once, as often as not, and raced with ingest and dispatch.</summary>
    private async Task CancelAsync()
    {
        if (books.PickRecent(_random.Next(10)) is not { } message)
        {
            return;
        }

        int[] breaks = [.. Enumerable.Range(0, 1 + _random.Next(2)).Select(_ => BreakAfterMs())];
        await Task.WhenAll(breaks.Select(async breakAfter =>
        {
            var answer = await UntilAnsweredAsync(broken => customer.PostAsync($"/api/sms/messages/{message.Id}/cancel/", null, null, broken), breakAfter);
            Expect(answer, HttpStatusCode.OK, HttpStatusCode.Conflict);
            books.Cancel(message.Id, isCancelled: answer.Status == HttpStatusCode.OK);
        }));
    }

    private async Task AskAsync()
    {
        var answer = await UntilAnsweredAsync(_ => customer.GetAsync("/api/credits/balance/"));
        Expect(answer, HttpStatusCode.OK);
        decimal balance = answer.Body.GetProperty("balance").GetDecimal();
        var stored = answer.Body.GetProperty("database_balance");
        bool fits = stored.ValueKind == System.Text.Json.JsonValueKind.Null
            || balance == stored.GetDecimal() - answer.Body.GetProperty("pending").GetDecimal();
        if (balance < 0 || !fits)
        {
            log.Blame($"a balance: {answer}");
        }
    }

    private Task<Answer> UntilAnsweredAsync(Func<CancellationToken, Task<Answer>> call) => UntilAnsweredAsync(call, BreakAfterMs());

    /// <summary>The first attempt may be broken off while it is under way: then nobody knows whether it was carried out.</summary>
    private async Task<Answer> UntilAnsweredAsync(Func<CancellationToken, Task<Answer>> call, int breakAfter)
    {
        long start = TimeProvider.System.GetTimestamp();
        using var pace = new PeriodicTimer(Pace);
        using var broken = new CancellationTokenSource(breakAfter);
        var token = broken.Token;
        while (TimeProvider.System.GetElapsedTime(start) < AnswerLimit)
        {
            try
            {
                var answer = await call(token);
                if (answer.Status is not (HttpStatusCode.ServiceUnavailable or HttpStatusCode.GatewayTimeout or HttpStatusCode.TooManyRequests))
                {
                    log.Answer();
                    return answer;
                }
            }
            catch (Exception error) when (error is HttpRequestException or TaskCanceledException)
            {
                token = CancellationToken.None;
            }

            log.NoAnswer();
            await pace.WaitForNextTickAsync(CancellationToken.None);
        }

        throw new TimeoutException($"no definite answer after {AnswerLimit}; {log}");
    }

    private int BreakAfterMs() => _random.Next(100) < BrokenInPercent ? _random.Next(BreakWithinMs) : Timeout.Infinite;

    private string NewName() => string.Create(CultureInfo.InvariantCulture, $"{seed}-{_calls++}");

    private void Expect(Answer answer, params HttpStatusCode[] expected)
    {
        if (!expected.Contains(answer.Status))
        {
            log.Blame($"expected {string.Join(" or ", expected)}: {answer}");
        }
    }
}
