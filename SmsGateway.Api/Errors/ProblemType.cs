namespace SmsGateway.Api.Errors;

/// <summary>A kind of error (RFC 9457). Its URI never changes and answers with what it means.</summary>
internal sealed record ProblemType(string Slug, int Status, string Title, string Meaning)
{
    public const string Path = "/problems/";

    /// <summary>The stable <c>type</c>, relative to the gateway's address.</summary>
    public string Uri { get; } = Path + Slug;
}

/// <summary>Every kind of error that the API answers with.</summary>
internal static class ProblemTypes
{
    public static readonly ProblemType InvalidRequest = new(
        "invalid-request", StatusCodes.Status400BadRequest, "The request is not valid",
        "The member errors names each field or header at fault and what is allowed. Nothing was charged. Repeating the same "
        + "request gives the same answer.");

    public static readonly ProblemType MalformedJson = new(
        "malformed-json", StatusCodes.Status400BadRequest, "The body is not JSON",
        "The body must be one JSON object in UTF-8, without comments and trailing commas. Nothing was charged.");

    public static readonly ProblemType Unauthorized = new(
        "unauthorized", StatusCodes.Status401Unauthorized, "A valid API key is needed",
        "The header X-Api-Key is missing, or the key is unknown, expired or revoked.");

    public static readonly ProblemType InsufficientBalance = new(
        "insufficient-balance", StatusCodes.Status402PaymentRequired, "The balance is too low",
        "The account cannot pay for the message: balance is what it can spend, cost what the message takes. Nothing was charged. "
        + "Top up and repeat.");

    public static readonly ProblemType MissingRight = new(
        "missing-right", StatusCodes.Status403Forbidden, "The API key lacks a right",
        "The key is valid, but it was made without the right that this call needs: send, read, billing or admin.");

    public static readonly ProblemType AccountSuspended = new(
        "account-suspended", StatusCodes.Status403Forbidden, "The account is suspended",
        "A suspended account can read but not send. The operator of the gateway can lift the suspension.");

    public static readonly ProblemType InvalidSignature = new(
        "invalid-signature", StatusCodes.Status403Forbidden, "The signature is not valid",
        "A receipt must be signed with the secret of the provider that it names.");

    public static readonly ProblemType NotFound = new(
        "not-found", StatusCodes.Status404NotFound, "Not found",
        "There is no such path, or nothing of this account has this id.");

    public static readonly ProblemType MethodNotAllowed = new(
        "method-not-allowed", StatusCodes.Status405MethodNotAllowed, "The method is not allowed",
        "The header Allow names the methods of this path.");

    public static readonly ProblemType TooLateToCancel = new(
        "too-late-to-cancel", StatusCodes.Status409Conflict, "Too late to cancel",
        "The message was handed to a provider or is finished; the member state says where it stands.");

    public static readonly ProblemType KeyExists = new(
        "key-exists", StatusCodes.Status409Conflict, "There is a key of this name",
        "The account has a key of this name that is not revoked. A key is shown once: rotate it where it was lost.");

    public static readonly ProblemType TooLarge = new(
        "too-large", StatusCodes.Status413PayloadTooLarge, "The body is too large",
        "A body holds at most 64 KiB, that of a bulk 8 MiB. Nothing was charged.");

    public static readonly ProblemType UnsupportedMediaType = new(
        "unsupported-media-type", StatusCodes.Status415UnsupportedMediaType, "The content type is not supported",
        "Send application/json in UTF-8; receipts are application/x-www-form-urlencoded.");

    public static readonly ProblemType IdempotencyMismatch = new(
        "idempotency-mismatch", StatusCodes.Status422UnprocessableEntity, "The request id was used for another request",
        "A request with the same X-Request-ID, Idempotency-Key or reference but other content was taken before. Nothing was "
        + "charged. Use a new one for a new request.");

    public static readonly ProblemType MaxCostExceeded = new(
        "max-cost-exceeded", StatusCodes.Status422UnprocessableEntity, "The message is dearer than max_cost",
        "The member cost says what the message would take. Nothing was charged.");

    public static readonly ProblemType BalanceLimit = new(
        "balance-limit", StatusCodes.Status422UnprocessableEntity, "The balance would be too large",
        "No account can hold more than 2^53 - 1 minor units. Nothing was credited.");

    public static readonly ProblemType TooManyRequests = new(
        "too-many-requests", StatusCodes.Status429TooManyRequests, "Too many requests",
        "The API key, or without one the address, is over its rate, or too many wrong keys came from the address. Nothing was charged. "
        + "Try again after the time in Retry-After.");

    public static readonly ProblemType Internal = new(
        "internal", StatusCodes.Status500InternalServerError, "Internal error",
        "The gateway failed. The operator finds the cause in the log by the X-Request-ID of the answer. Repeat a send with the same X-Request-ID: "
        + "it is never charged twice.");

    public static readonly ProblemType BacklogFull = new(
        "backlog-full", StatusCodes.Status503ServiceUnavailable, "The gateway is busy",
        "Too many accepted messages wait for the database. Nothing was charged. Try again after the time in Retry-After.");

    public static readonly ProblemType Unavailable = new(
        "unavailable", StatusCodes.Status503ServiceUnavailable, "The gateway is not available",
        "A part that this call needs is down or being rebuilt. Try again after the time in Retry-After, with the same "
        + "X-Request-ID: it is never charged twice.");

    public static readonly ProblemType Other = new(
        "other", StatusCodes.Status400BadRequest, "The request cannot be served", "An error of the protocol; the status says which.");

    public static readonly ProblemType[] All =
    [
        InvalidRequest, MalformedJson, Unauthorized, InsufficientBalance, MissingRight, AccountSuspended, InvalidSignature, NotFound,
        MethodNotAllowed, TooLateToCancel, KeyExists, TooLarge, UnsupportedMediaType, IdempotencyMismatch, MaxCostExceeded, BalanceLimit,
        TooManyRequests, Internal,
        BacklogFull, Unavailable, Other,
    ];

    /// <summary>The kind that stands for a status that nobody explained.</summary>
    public static ProblemType OfStatus(int status) => status switch
    {
        StatusCodes.Status400BadRequest => InvalidRequest,
        StatusCodes.Status404NotFound => NotFound,
        StatusCodes.Status405MethodNotAllowed => MethodNotAllowed,
        StatusCodes.Status413PayloadTooLarge => TooLarge,
        StatusCodes.Status415UnsupportedMediaType => UnsupportedMediaType,
        StatusCodes.Status429TooManyRequests => TooManyRequests,
        StatusCodes.Status500InternalServerError => Internal,
        StatusCodes.Status503ServiceUnavailable => Unavailable,
        _ => Other,
    };
}
