using System.Collections.Frozen;

namespace SmsGateway.Workers.Providers.Twilio;

/// <summary>
/// What Twilio's error codes mean for us (https://www.twilio.com/docs/api/errors). A code in none of the sets is a refusal by the route.
/// </summary>
internal static class TwilioErrorCodes
{
    public const int TooManyRequests = 20429;

    /// <summary>Our account or credentials: nothing that is sent this way can be taken until someone mends the configuration.</summary>
    public static readonly FrozenSet<int> Account =
    [
        20003, // authentication failed
        20005, // account not active
        20006, // access denied
        20008, // not possible with test credentials
        20404, // the account of the path does not exist
    ];

    /// <summary>Recipient or text: no other provider could send it, or it must not.</summary>
    public static readonly FrozenSet<int> Message =
    [
        21211, // To is no valid number
        21217, // To does not look valid
        21602, // no body
        21604, // no To
        21610, // the recipient has opted out
        21614, // To is no mobile number
        21617, // body too long
        21635, // To is a landline
    ];
}
