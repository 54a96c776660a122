using System.Collections.Concurrent;
using System.Globalization;
using System.Net;

namespace SmsGateway.Tests.EndToEnd;

/// <summary>A message that was answered with 202.</summary>
/// <param name="Id">The message's id.</param>
/// <param name="UserId">Whose it is.</param>
/// <param name="RequestId">What its request bore as X-Request-ID.</param>
/// <param name="CostUnits">What the answer says that it costs.</param>
/// <param name="IsRefused">Whether the provider refuses its recipient, so that it must end as failed.</param>
/// <param name="RequestedAt">When it was asked for the first time: what was answered may have been done long before.</param>
internal sealed record SentMessage(Guid Id, long UserId, string RequestId, long CostUnits, bool IsRefused, DateTimeOffset RequestedAt);

/// <summary>What customers do when an answer was 202.</summary>
internal enum AfterAnswer
{
    /// <summary>Go on.</summary>
    GoOn,

    /// <summary>Send some requests again, as if the answer had been lost: they must get the same one.</summary>
    AskAgain,
}

/// <summary>How customers send.</summary>
/// <param name="AfterAnswer">What they do when an answer was 202.</param>
/// <param name="SendersPerCustomer">Each sends about ten messages a second.</param>
/// <param name="BrokenInPercent">Requests whose connection is broken while they are under way.</param>
internal sealed record TrafficPattern(AfterAnswer AfterAnswer = AfterAnswer.AskAgain, int SendersPerCustomer = 4, int BrokenInPercent = 0);

/// <summary>
/// Customers that send without a pause, 160 messages a second where there are four of them, and write down what they were answered. A request without a definite
/// answer is repeated with the same X-Request-ID until it has one, so that each request ends as one 202.
/// </summary>
internal sealed class Traffic : IAsyncDisposable
{
    private const int RefusedInPercent = 10;
    private const int AskedAgainInPercent = 10;
    private const int BreakWithinMs = 20;

    private static readonly TimeSpan Pace = TimeSpan.FromMilliseconds(100);

    /// <summary>How long the gateway may go without a definite answer to a request.</summary>
    private static readonly TimeSpan AnswerLimit = TimeSpan.FromSeconds(60);

    private static readonly TimeSpan ProgressLimit = TimeSpan.FromSeconds(90);

    private readonly ConcurrentDictionary<Guid, SentMessage> _accepted = new();
    private readonly ConcurrentQueue<string> _wrongAnswers = new();
    private readonly CancellationTokenSource _stopping = new();
    private readonly int _seed;
    private readonly TrafficPattern _pattern;
    private readonly Task[] _senders;

    // Written by every sender.
    private int _attempts;
    private int _refusals;
    private int _unanswered;

    public Traffic(IReadOnlyList<Customer> customers, int seed, TrafficPattern pattern)
    {
        Customers = customers;
        _seed = seed;
        _pattern = pattern;
        _senders = [.. Enumerable.Range(0, customers.Count * pattern.SendersPerCustomer).Select(RunAsync)];
    }

    public IReadOnlyList<Customer> Customers { get; }

    /// <summary>Every message answered with 202, by its id.</summary>
    public IReadOnlyDictionary<Guid, SentMessage> Accepted => _accepted;

    /// <summary>Requests answered with 503: not taken, or not known to be.</summary>
    public int Refusals => Volatile.Read(ref _refusals);

    public override string ToString() =>
        $"{Volatile.Read(ref _attempts)} requests, {Volatile.Read(ref _unanswered)} of them unanswered, {Refusals} answered with 503; "
        + $"{_accepted.Count} messages accepted";

    /// <summary>Waits until so many more messages are accepted.</summary>
    public Task AcceptAsync(int more)
    {
        int goal = _accepted.Count + more;
        return WaitAsync(() => _accepted.Count >= goal, "accepted messages");
    }

    /// <summary>Waits until so many more requests have ended, however they did.</summary>
    public Task AttemptAsync(int more)
    {
        int goal = Volatile.Read(ref _attempts) + more;
        return WaitAsync(() => Volatile.Read(ref _attempts) >= goal, "requests");
    }

    /// <summary>Waits until so many more requests were answered with 503.</summary>
    public Task RefuseAsync(int more)
    {
        int goal = Refusals + more;
        return WaitAsync(() => Refusals >= goal, "answers 503");
    }

    /// <summary>Begins no further request, and waits until those under way have their 202; fails if any answer was a wrong one.</summary>
    public async Task StopAsync()
    {
        await _stopping.CancelAsync();
        await Task.WhenAll(_senders);
        Assert.Empty(_wrongAnswers);
    }

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        await Task.WhenAll(_senders).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _stopping.Dispose();
    }

    private Task WaitAsync(Func<bool> isReached, string what) => Until.CompleteAsync(ProgressLimit, () =>
    {
        // A sender that has failed says why.
        foreach (var sender in _senders.Where(sender => sender.IsFaulted))
        {
            sender.GetAwaiter().GetResult();
        }

        return Task.FromResult(isReached() ? "" : $"{what}: {this}");
    });

    private async Task RunAsync(int sender)
    {
        var customer = Customers[sender % Customers.Count];
        var random = new Random(_seed + sender);
        using var pace = new PeriodicTimer(Pace);
        for (int number = 0; !_stopping.IsCancellationRequested; number++)
        {
            await pace.WaitForNextTickAsync();
            bool isRefused = random.Next(100) < RefusedInPercent;
            string digits = random.Next(100_000_000).ToString("D8", CultureInfo.InvariantCulture);
            var message = new
            {
                recipient = (isRefused ? "+999400" : "+4915") + digits,
                message = "hello",
                priority = random.Next(2) == 0 ? "normal" : "express",
            };
            string requestId = string.Create(CultureInfo.InvariantCulture, $"{_seed}-{sender}-{number}");
            var requestedAt = TimeProvider.System.GetUtcNow();
            if (random.Next(100) < _pattern.BrokenInPercent)
            {
                await BreakOffAsync(customer, message, requestId, TimeSpan.FromMilliseconds(random.Next(BreakWithinMs)));
            }

            var answer = await SendUntilAnsweredAsync(customer, message, requestId, pace);
            var sent = new SentMessage(
                answer.Body.GetProperty("sms_id").GetGuid(), customer.UserId, requestId, answer.Units("cost"), isRefused, requestedAt);
            if (!_accepted.TryAdd(sent.Id, sent))
            {
                _wrongAnswers.Enqueue($"{requestId} was answered with the id of another request, {sent.Id}");
            }

            if (_pattern.AfterAnswer == AfterAnswer.AskAgain && random.Next(100) < AskedAgainInPercent)
            {
                await AskAgainAsync(customer, message, sent, pace);
            }
        }
    }

    /// <summary>A request whose connection ends while it is under way; whether it was taken, nobody knows.</summary>
    private async Task BreakOffAsync(Customer customer, object message, string requestId, TimeSpan after)
    {
        using var limit = new CancellationTokenSource(after);
        await TrySendAsync(customer, message, requestId, limit.Token);
    }

    private async Task AskAgainAsync(Customer customer, object message, SentMessage sent, PeriodicTimer pace)
    {
        var again = await SendUntilAnsweredAsync(customer, message, sent.RequestId, pace);
        if (again.Body.GetProperty("sms_id").GetGuid() != sent.Id || again.Units("cost") != sent.CostUnits || !again.IsReplay)
        {
            _wrongAnswers.Enqueue($"{sent.RequestId} was asked again and answered otherwise: {again}");
        }
    }

    private async Task<Answer> SendUntilAnsweredAsync(Customer customer, object message, string requestId, PeriodicTimer pace)
    {
        long start = TimeProvider.System.GetTimestamp();
        while (true)
        {
            if (await TrySendAsync(customer, message, requestId) is { } answer)
            {
                return answer;
            }

            if (TimeProvider.System.GetElapsedTime(start) > AnswerLimit)
            {
                throw new TimeoutException($"{requestId} has no definite answer after {AnswerLimit}; {this}");
            }

            await pace.WaitForNextTickAsync();
        }
    }

    /// <summary>Null where the answer is not definite: none at all, or 503.</summary>
    private async Task<Answer?> TrySendAsync(Customer customer, object message, string requestId, CancellationToken broken = default)
    {
        try
        {
            var answer = await customer.SendAsync(message, requestId, broken);
            if (answer.Status == HttpStatusCode.Accepted)
            {
                return answer;
            }

            Interlocked.Increment(ref _refusals);
            if (answer.Status != HttpStatusCode.ServiceUnavailable)
            {
                _wrongAnswers.Enqueue($"{requestId}: {answer}");
            }
        }
        catch (Exception error) when (error is HttpRequestException or TaskCanceledException)
        {
            Interlocked.Increment(ref _unanswered);
        }
        finally
        {
            Interlocked.Increment(ref _attempts);
        }

        return null;
    }
}
