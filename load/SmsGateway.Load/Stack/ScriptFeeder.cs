using SmsGateway.Core.Messages;
using SmsGateway.Core.Redis;
using SmsGateway.Core.Text;

using StackExchange.Redis;

namespace SmsGateway.Load.Stack;

/// <summary>Queues messages by the accept script itself, without the API: to fill the buffer, and to measure the script.</summary>
internal sealed class ScriptFeeder(BenchStack stack)
{
    private const long CostUnits = 1_000;
    private const long BacklogLimit = 100_000_000;
    private const long IdempotencySeconds = 86_400;
    private const int Accepted = 1;

    // As long as a real one.
    private const string Fingerprint = "0123456789abcdef0123456789abcdef";

    private readonly EpochGate _gate = new(stack.Redis, stack.Database, stack.Shards);

    /// <summary>A message of the kind that all cases send.</summary>
    public static QueuedMessage NewMessage(long userId)
    {
        var now = TimeProvider.System.GetUtcNow();
        var id = MessageId.New(now);
        return new()
        {
            Id = id,
            UserId = userId,
            Priority = Priority.Normal,
            Recipient = "+447700900123",
            Text = "Your code is 493817. It is valid for ten minutes.",
            Encoding = SmsEncoding.Gsm7,
            Segments = 1,
            CostUnits = CostUnits,
            ValidUntil = now.AddDays(1),
            RequestId = id.ToString("N"),
            RequestFingerprint = Fingerprint,
        };
    }

    /// <summary>Keys and arguments as the API gives them.</summary>
    public (RedisKey[] Keys, RedisValue[] Arguments) Call(QueuedMessage message)
    {
        var keys = stack.Keys;
        return (
            [
                keys.UserBalance(message.UserId), keys.PendingDeduct(message.UserId), keys.Messages, keys.Queue(message.Priority), keys.BufferedCost,
                keys.Epoch, keys.Idempotency(message.UserId, message.RequestId!),
            ],
            [
                message.Id.ToString(), MessageJson.Write(message), message.CostUnits, message.UserId, BacklogLimit, Fingerprint, IdempotencySeconds,
            ]);
    }

    /// <summary>Queues so many messages, with so many calls under way at once.</summary>
    /// <param name="accounts">Whose they are, in turn; their balances must be in Redis.</param>
    /// <param name="count">How many.</param>
    /// <param name="pipelining">Calls under way at once.</param>
    public Task FeedAsync(IReadOnlyList<BenchAccount> accounts, int count, int pipelining) =>
        FeedAsync(number => NewMessage(accounts[number % accounts.Count].UserId), count, pipelining);

    /// <summary>Queues so many messages, each as it is made for its number, the highest first.</summary>
    public Task FeedAsync(Func<int, QueuedMessage> message, int count, int pipelining)
    {
        int left = count;
        return Task.WhenAll(Enumerable.Range(0, pipelining).Select(async _ =>
        {
            for (int number; (number = Interlocked.Decrement(ref left)) >= 0;)
            {
                var (keys, arguments) = Call(message(number));
                var answer = (RedisResult[])(await _gate.RunAsync(RedisScript.Accept, keys, arguments))!;
                if ((int)answer[0] != Accepted)
                {
                    throw new BenchException($"accept.lua returned {answer[0]}");
                }
            }
        }));
    }
}
