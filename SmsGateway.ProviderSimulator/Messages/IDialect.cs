namespace SmsGateway.ProviderSimulator.Messages;

/// <summary>How the simulator is asked and how it answers. All dialects share the faults, the messages and the receipts.</summary>
internal interface IDialect
{
    /// <summary>Status of the answer to a message that is taken.</summary>
    int AcceptedStatus { get; }

    /// <summary>What a client without credentials is told to bring.</summary>
    string Challenge { get; }

    /// <summary>Whether the client is who it must be.</summary>
    bool Allows(HttpContext context);

    /// <summary>Reads the message of a request. Exactly one of the two results is set.</summary>
    Task<(MessageRequest? Request, TwilioError? Error)> ReadAsync(HttpContext context);

    /// <summary>The idempotency key of a request; empty where it has none.</summary>
    IdempotencyToken TokenOf(HttpContext context);

    /// <summary>Finds the message that a request asks for.</summary>
    bool TryFind(HttpContext context, MessageLog log, out MessageRecord message);

    byte[] Write(MessageResource message);

    byte[] Write(TwilioError error);
}
