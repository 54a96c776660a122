using Microsoft.Extensions.Options;
using SmsGateway.ProviderSimulator.Faults;

namespace SmsGateway.ProviderSimulator.Messages;

/// <summary>
/// The last <see cref="SimulatorOptions.MessageLogCapacity"/> accepted messages, in the order of their acceptance, and the
/// index of their idempotency tokens. When it is full a new message overwrites the oldest, and its token is forgotten. It begins with what
/// the journal has, where there is one.
/// </summary>
internal sealed class MessageLog
{
    private const int ChunkBits = 14;
    private const int ChunkSize = 1 << ChunkBits;
    private const int MaxSharedSenders = 10_000;

    // Everything below is read and written under the lock; a critical section is a few hundred nanoseconds or one batch of a reader.
    private readonly Lock _gate = new();
    private readonly int _capacity;
    private readonly MessageRecord[]?[] _chunks;
    private readonly Dictionary<IdempotencyToken, long> _byToken = [];
    private readonly HashSet<string> _senders = new(StringComparer.Ordinal);
    private readonly SecondMeter _accepted = new();
    private readonly MessageJournal _journal;
    private long _first;
    private long _next;

    public MessageLog(IOptions<SimulatorOptions> options, MessageJournal journal, TimeProvider time)
    {
        _journal = journal;
        _capacity = options.Value.MessageLogCapacity;
        _chunks = new MessageRecord[]?[((_capacity - 1) >> ChunkBits) + 1];
        Run = (ulong)time.GetUtcNow().UtcTicks;
        foreach (var (sid, earlier) in journal.Messages)
        {
            // Numbers go on, so that sids stay what they were.
            (Run, _first, _next) = (sid.Run, _next == 0 ? sid.Number : _first, sid.Number);
            var message = earlier.ToRecord();
            Append(ref message);
        }
    }

    /// <summary>First half of every sid of this process, and of those that wrote the same journal.</summary>
    public ulong Run { get; }

    /// <summary>Numbers of the oldest message remembered and of the next one to come; most messages accepted within one second.</summary>
    public (long First, long Next, int PeakPerSecond) Extent
    {
        get
        {
            lock (_gate)
            {
                return (_first, _next, _accepted.Peak);
            }
        }
    }

    /// <summary>
    /// Stores the message under the next number, unless its token is known and <paramref name="policy"/> honours it: then the first
    /// message of that token is put in its place. Returns whether the token was known.
    /// </summary>
    public bool Accept(ref MessageRecord message, MessageRequest request, IdempotencyPolicy policy)
    {
        lock (_gate)
        {
            if (message.Token.IsEmpty || !_byToken.TryGetValue(message.Token, out var first))
            {
                AppendDurably(ref message, request);
                return false;
            }

            ref var earlier = ref Slot(first);
            earlier.Posts++;
            if (policy == IdempotencyPolicy.Honoured)
            {
                message = earlier;
            }
            else
            {
                AppendDurably(ref message, request);
            }

            return true;
        }
    }

    public bool TryFind(MessageSid sid, out MessageRecord message)
    {
        lock (_gate)
        {
            var found = sid.Run == Run && sid.Number >= _first && sid.Number < _next;
            message = found ? Slot(sid.Number) : default;
            return found;
        }
    }

    /// <summary>Finds the first message of an idempotency token.</summary>
    public bool TryFind(IdempotencyToken token, out MessageRecord message)
    {
        lock (_gate)
        {
            var found = _byToken.TryGetValue(token, out var number);
            message = found ? Slot(number) : default;
            return found;
        }
    }

    /// <summary>Copies messages from a number onwards, in order; returns how many. Numbers that are forgotten are skipped.</summary>
    public int CopyFrom(long number, Span<MessageRecord> target)
    {
        lock (_gate)
        {
            var from = Math.Max(number, _first);
            var count = (int)Math.Clamp(_next - from, 0, target.Length);
            for (var i = 0; i < count; i++)
            {
                target[i] = Slot(from + i);
            }

            return count;
        }
    }

    /// <summary>Forgets everything. Numbers go on, so that sids never repeat.</summary>
    public void Clear()
    {
        lock (_gate)
        {
            _first = _next;
            _byToken.Clear();
            _senders.Clear();
            _accepted.Reset();
            Array.Clear(_chunks);
            _journal.Clear();
        }
    }

    /// <summary>Under the lock: whoever repeats the message must not be answered before it is written.</summary>
    private void AppendDurably(ref MessageRecord message, MessageRequest request)
    {
        Append(ref message);
        _journal.Write(new MessageSid(Run, message.Number), message, request);
    }

    private void Append(ref MessageRecord message)
    {
        ref var slot = ref Slot(_next);
        if (_next - _first == _capacity)
        {
            if (!slot.Token.IsEmpty && _byToken.TryGetValue(slot.Token, out var owner) && owner == _first)
            {
                _byToken.Remove(slot.Token);
            }

            _first++;
        }

        message.Number = _next++;
        message.Sender = Share(message.Sender);
        slot = message;
        if (!message.Token.IsEmpty)
        {
            _byToken.TryAdd(message.Token, message.Number);
        }

        _accepted.TryCount(message.AcceptedUnixMs / 1000, limit: 0);
    }

    private ref MessageRecord Slot(long number)
    {
        var index = (int)(number % _capacity);
        ref var chunk = ref _chunks[index >> ChunkBits];
        // The last chunk is only as long as the capacity needs.
        chunk ??= new MessageRecord[Math.Min(ChunkSize, _capacity - (index >> ChunkBits << ChunkBits))];
        return ref chunk[index & (ChunkSize - 1)];
    }

    private string Share(string sender)
    {
        if (_senders.TryGetValue(sender, out var shared))
        {
            return shared;
        }

        if (_senders.Count < MaxSharedSenders)
        {
            _senders.Add(sender);
        }

        return sender;
    }
}
