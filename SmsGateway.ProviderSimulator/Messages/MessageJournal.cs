using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.Extensions.Options;

namespace SmsGateway.ProviderSimulator.Messages;

/// <summary>
/// The file <see cref="SimulatorOptions.Journal"/>: every accepted message, and every one whose receipts are done, a line of JSON each, written before
/// anybody is answered. A provider that was killed and started again so knows its messages and idempotency tokens, and posts the receipts that
/// were still to come once more. Only a kill is survived: nothing waits for the disk. Without the setting nothing is written.
/// </summary>
internal sealed class MessageJournal : IDisposable
{
    private readonly Lock _gate = new();
    private readonly FileStream? _file;
    private readonly Dictionary<MessageSid, JournaledMessage> _unfinished = [];

    public MessageJournal(IOptions<SimulatorOptions> options)
    {
        if (options.Value.Journal is { Length: > 0 } path)
        {
            // Not buffered: what Write has returned from is out of this process' hands.
            _file = new(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.Read, bufferSize: 0);
            Read(_file);
        }
    }

    /// <summary>Messages of earlier processes in the order of their acceptance; for the log, when it starts.</summary>
    public List<(MessageSid Sid, JournaledMessage Message)> Messages { get; } = [];

    /// <summary>Those of them whose receipts are not done; for the queue, when it starts.</summary>
    public IReadOnlyDictionary<MessageSid, JournaledMessage> Unfinished => _unfinished;

    public void Write(MessageSid sid, in MessageRecord message, MessageRequest request) => Write(new()
    {
        Sid = sid.ToString(),
        To = message.To,
        Sender = message.Sender,
        Token = message.Token.ToString(),
        ClientMessageId = message.ClientMessageId,
        AcceptedUnixMs = message.AcceptedUnixMs,
        SentAfterMs = message.SentAfterMs,
        FinalAfterMs = message.FinalAfterMs,
        Segments = message.Segments,
        Outcome = message.Outcome,
        FromMessagingService = message.FromMessagingService,
        Callback = request.StatusCallback,
        WantsJson = request.WantsJson,
    });

    /// <summary>A message has no more receipts to come.</summary>
    public void Finish(string sid) => Write(new() { Sid = sid, IsFinished = true });

    /// <summary>Forgets everything.</summary>
    public void Clear()
    {
        lock (_gate)
        {
            if (_file is not null)
            {
                _file.SetLength(0);
                _file.Position = 0;
            }
        }
    }

    public void Dispose() => _file?.Dispose();

    private void Write(JournaledMessage line)
    {
        if (_file is not null)
        {
            byte[] bytes = [.. JsonSerializer.SerializeToUtf8Bytes(line, JournalJson.Default.JournaledMessage), (byte)'\n'];
            lock (_gate)
            {
                _file.Write(bytes);
            }
        }
    }

    private void Read(FileStream file)
    {
        using var reader = new StreamReader(file, leaveOpen: true);
        while (reader.ReadLine() is { } text)
        {
            var line = JsonSerializer.Deserialize(text, JournalJson.Default.JournaledMessage)!;
            if (!MessageSid.TryParse(line.Sid, out var sid))
            {
                throw new InvalidDataException($"'{line.Sid}' in {file.Name} is no sid");
            }

            if (line.IsFinished)
            {
                _unfinished.Remove(sid);
                continue;
            }

            Messages.Add((sid, line));
            if (line.Callback is not null)
            {
                _unfinished[sid] = line;
            }
        }
    }
}

/// <summary>A line of the journal; what is finished has its sid alone.</summary>
internal sealed record JournaledMessage
{
    public required string Sid { get; init; }
    public bool IsFinished { get; init; }
    public ulong To { get; init; }
    public string Sender { get; init; } = "";
    public string? Token { get; init; }
    public Guid? ClientMessageId { get; init; }
    public long AcceptedUnixMs { get; init; }
    public int SentAfterMs { get; init; }
    public int FinalAfterMs { get; init; }
    public short Segments { get; init; }
    public DeliveryOutcome Outcome { get; init; }
    public bool FromMessagingService { get; init; }
    public Uri? Callback { get; init; }
    public bool WantsJson { get; init; }

    public MessageRecord ToRecord() => new()
    {
        To = To,
        Sender = Sender,
        Token = IdempotencyToken.Parse(Token),
        ClientMessageId = ClientMessageId,
        AcceptedUnixMs = AcceptedUnixMs,
        SentAfterMs = SentAfterMs,
        FinalAfterMs = FinalAfterMs,
        Posts = 1,
        Segments = Segments,
        Outcome = Outcome,
        FromMessagingService = FromMessagingService,
    };

    /// <summary>What its receipts need of the request.</summary>
    public MessageRequest ToRequest() => new(
        PhoneNumber.Unpack(To), FromMessagingService ? null : Sender, FromMessagingService ? Sender : null, "", Callback, null) { WantsJson = WantsJson };
}

[JsonSourceGenerationOptions(DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingDefault)]
[JsonSerializable(typeof(JournaledMessage))]
internal sealed partial class JournalJson : JsonSerializerContext;
