namespace SmsGateway.ProviderSimulator.Faults;

/// <summary>How an answer to POST Messages.json goes wrong. "Accepted" says that the message exists and its receipts follow.</summary>
internal enum AnswerFault
{
    /// <summary>201, as it should be.</summary>
    None,

    /// <summary>429, code 20429, with Retry-After. Not accepted.</summary>
    TooManyRequests,

    /// <summary>500, code 20500. Not accepted.</summary>
    ServerError,

    /// <summary>503, code 20503. Not accepted.</summary>
    Unavailable,

    /// <summary>400 with a code of Twilio's. Not accepted, and asking again is pointless.</summary>
    Refusal,

    /// <summary>The connection is reset and the message is not accepted.</summary>
    ResetBeforeAccept,

    /// <summary>The connection is reset although the message is accepted.</summary>
    ResetAfterAccept,

    /// <summary>The connection ends in the middle of the body of a 201. Accepted.</summary>
    HalfAnswer,

    /// <summary>A whole 201 whose body is no JSON. Accepted.</summary>
    WrongJson,

    /// <summary>No answer until the client gives up. Not accepted.</summary>
    HangBeforeAccept,

    /// <summary>No answer until the client gives up. Accepted.</summary>
    HangAfterAccept,
}
