namespace SmsGateway.ProviderSimulator.Messages;

/// <summary>
/// Body of every answer that is not a message (https://www.twilio.com/docs/usage/twilios-response#response-formats-exceptions).
/// </summary>
internal sealed record TwilioError(int Code, string Message, int Status)
{
    public static readonly TwilioError Authenticate = new(20003, "Authenticate", StatusCodes.Status401Unauthorized);
    public static readonly TwilioError TooManyRequests = new(20429, "Too Many Requests", StatusCodes.Status429TooManyRequests);
    public static readonly TwilioError ServerError =
        new(20500, "An internal server error has occurred", StatusCodes.Status500InternalServerError);
    public static readonly TwilioError Unavailable = new(20503, "Service is unavailable", StatusCodes.Status503ServiceUnavailable);
    public static readonly TwilioError BodyMissing = Refusal(21602, "Message body is required.");
    public static readonly TwilioError FromMissing = Refusal(21603, "A 'From' phone number is required.");
    public static readonly TwilioError ToMissing = Refusal(21604, "A 'To' phone number is required.");
    public static readonly TwilioError BodyTooLong = Refusal(21617, "The concatenated message body exceeds the 1600 character limit.");

    public string MoreInfo => $"https://www.twilio.com/docs/errors/{Code}";

    public static TwilioError NotFound(string path) =>
        new(20404, $"The requested resource {path} was not found", StatusCodes.Status404NotFound);

    public static TwilioError InvalidParameter(string what) => Refusal(20001, $"Invalid parameter: {what}");

    public static TwilioError InvalidTo(string to) => Refusal(21211, $"Invalid 'To' Phone Number: {to}");

    public static TwilioError InvalidFrom(string from) =>
        Refusal(21212, $"The 'From' number {from} is not a valid phone number, shortcode, or alphanumeric sender ID.");

    public static TwilioError InvalidStatusCallback(string url) => Refusal(21609, $"The 'StatusCallback' URL {url} is not a valid URL.");

    /// <summary>The refusal that a <see cref="Faults.NumberRule"/> or a draw asks for.</summary>
    public static TwilioError Refused(int code, string to, string? from) => code switch
    {
        21211 => InvalidTo(to),
        21408 => Refusal(code, $"Permission to send an SMS has not been enabled for the region indicated by the 'To' number: {to}"),
        21610 => Refusal(code, "Attempt to send to unsubscribed recipient"),
        21612 => Refusal(code, $"The 'To' phone number: {to}, is not currently reachable using the 'From' phone number: {from} via SMS."),
        21614 => Refusal(code, "'To' number is not a valid mobile number"),
        _ => Refusal(code, "The message is refused."),
    };

    private static TwilioError Refusal(int code, string message) => new(code, message, StatusCodes.Status400BadRequest);
}
