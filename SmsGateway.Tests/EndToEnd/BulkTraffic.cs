using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Text.Json;

namespace SmsGateway.Tests.EndToEnd;

/// <summary>
/// A customer that sends bulks without a pause, some at a time, and repeats one without a definite answer under the same X-Request-ID until it has one.
/// </summary>
internal sealed class BulkTraffic : IAsyncDisposable
{
    private const int Senders = 3;
    private const int Messages = 200;
    private const long SegmentUnits = 1_000;

    private static readonly TimeSpan ProgressLimit = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan StoreLimit = TimeSpan.FromSeconds(60);

    private readonly Customer _customer;
    private readonly CancellationTokenSource _stopping = new();
    private readonly Task[] _senders;

    /// <summary>By request: the ids that it was answered with. Written by the senders.</summary>
    private readonly ConcurrentDictionary<string, Guid[]> _accepted = new();

    public BulkTraffic(Customer customer)
    {
        _customer = customer;
        _senders = [.. Enumerable.Range(0, Senders).Select(RunAsync)];
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        _stopping.Dispose();
    }

    /// <summary>Waits until so many more bulks are accepted.</summary>
    public Task AcceptAsync(int more)
    {
        int goal = _accepted.Count + more;
        return Until.CompleteAsync(ProgressLimit, async () =>
        {
            await (Array.Find(_senders, sender => sender.IsFaulted) ?? Task.CompletedTask);
            return _accepted.Count >= goal ? "" : $"accepted bulks: {_accepted.Count} of {goal}";
        });
    }

    /// <summary>Ends when each request that was begun has its answer.</summary>
    public async Task StopAsync()
    {
        await _stopping.CancelAsync();
        await Task.WhenAll(_senders);
    }

    /// <summary>The database has every message of every answer, no other one, and the account has paid for just these.</summary>
    public async Task AssertWholeAndOnceAsync(RunningStack stack)
    {
        var answered = _accepted.Values.SelectMany(ids => ids).ToHashSet();
        Assert.Equal(_accepted.Count * Messages, answered.Count);
        await Until.CompleteAsync(StoreLimit, async () =>
        {
            await using var command = stack.Database.CreateCommand("SELECT coalesce(array_agg(id), '{}') FROM sms_messages WHERE user_id = $1");
            command.Parameters.Add(new() { Value = _customer.UserId });
            var stored = ((Guid[])(await command.ExecuteScalarAsync())!).ToHashSet();
            Assert.Subset(answered, stored);
            return stored.Count == answered.Count ? "" : $"{answered.Count - stored.Count} of {answered.Count} messages in the database";
        });
        Assert.Equal(_customer.CreditUnits - (answered.Count * SegmentUnits), await _customer.BalanceAsync());
    }

    private async Task RunAsync(int sender)
    {
        for (int number = 0; !_stopping.IsCancellationRequested; number++)
        {
            string requestId = string.Create(CultureInfo.InvariantCulture, $"bulk-{sender}-{number}");
            var body = new
            {
                message = requestId,
                recipients = Enumerable.Range(0, Messages).Select(position => string.Create(CultureInfo.InvariantCulture, $"+4917012{position:00000}")),
            };
            _accepted[requestId] = await SendAsync(body, requestId);
        }
    }

    private async Task<Guid[]> SendAsync(object body, string requestId)
    {
        using var pause = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
        while (true)
        {
            try
            {
                var answer = await _customer.PostAsync("/api/sms/bulk/", body, requestId);
                if (answer.Status == HttpStatusCode.Accepted)
                {
                    return [.. answer.Body.GetProperty("results").EnumerateArray().Select(item => item.GetProperty("sms_id").GetGuid())];
                }

                Assert.Equal(HttpStatusCode.ServiceUnavailable, answer.Status);
            }
            catch (Exception noAnswer) when (noAnswer is HttpRequestException or TaskCanceledException or JsonException)
            {
                // Whether it was taken is not known.
            }

            await pause.WaitForNextTickAsync();
        }
    }
}
