using System.Globalization;

namespace SmsGateway.ProviderSimulator.Messages;

/// <summary>The checked parameters of POST Messages.json.</summary>
internal sealed record MessageRequest(
    string To, string? From, string? MessagingServiceSid, string Body, Uri? StatusCallback, TimeSpan? ValidityPeriod)
{
    /// <summary>The client's own id of the message, in a dialect that knows such a thing.</summary>
    public Guid? ClientMessageId { get; init; }

    /// <summary>Whether its receipts are in JSON, and not as Twilio writes them.</summary>
    public bool WantsJson { get; init; }

    private const int MaxBodyLength = 1600;
    private const int MaxCallbackLength = 4000;
    private const int MaxValidityPeriodSeconds = 36_000;

    /// <summary>Checks in Twilio's order: recipient, sender, body, the rest. Exactly one of the two results is set.</summary>
    public static (MessageRequest? Request, TwilioError? Error) Parse(IFormCollection form)
    {
        string? to = form["To"], from = form["From"], service = form["MessagingServiceSid"], body = form["Body"];
        if (string.IsNullOrEmpty(to))
        {
            return (null, TwilioError.ToMissing);
        }

        if (!PhoneNumber.IsE164(to))
        {
            return (null, TwilioError.InvalidTo(to));
        }

        if (string.IsNullOrEmpty(from) && string.IsNullOrEmpty(service))
        {
            return (null, TwilioError.FromMissing);
        }

        if (!string.IsNullOrEmpty(from) && !PhoneNumber.IsSender(from))
        {
            return (null, TwilioError.InvalidFrom(from));
        }

        if (string.IsNullOrEmpty(body))
        {
            return (null, TwilioError.BodyMissing);
        }

        return body.Length > MaxBodyLength
            ? (null, TwilioError.BodyTooLong)
            : ParseOptional(form, new MessageRequest(to, from, service, body, null, null));
    }

    private static (MessageRequest? Request, TwilioError? Error) ParseOptional(IFormCollection form, MessageRequest request)
    {
        string? callback = form["StatusCallback"], validity = form["ValidityPeriod"];
        Uri? uri = null;
        if (!string.IsNullOrEmpty(callback)
            && (callback.Length > MaxCallbackLength || !Uri.TryCreate(callback, UriKind.Absolute, out uri)
                || (uri.Scheme != Uri.UriSchemeHttp && uri.Scheme != Uri.UriSchemeHttps)))
        {
            return (null, TwilioError.InvalidStatusCallback(callback));
        }

        if (string.IsNullOrEmpty(validity))
        {
            return (request with { StatusCallback = uri }, null);
        }

        return int.TryParse(validity, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds)
            && seconds is >= 1 and <= MaxValidityPeriodSeconds
            ? (request with { StatusCallback = uri, ValidityPeriod = TimeSpan.FromSeconds(seconds) }, null)
            : (null, TwilioError.InvalidParameter($"ValidityPeriod is to be 1 to {MaxValidityPeriodSeconds} seconds"));
    }
}

/// <summary>What Twilio takes as recipient and as sender.</summary>
internal static class PhoneNumber
{
    private const int MinDigits = 7;
    private const int MaxDigits = 15;
    private const int MaxShortCodeDigits = 8;
    private const int MaxAlphanumericLength = 11;

    /// <summary>A plus sign and 7 to 15 digits, the first not 0 (ITU-T E.164).</summary>
    public static bool IsE164(ReadOnlySpan<char> text) =>
        text.Length is > MinDigits and <= MaxDigits + 1 && text[0] == '+' && text[1] != '0' && IsDigits(text[1..]);

    /// <summary>An E.164 number, a short code, or up to 11 letters, digits and spaces of which one is a letter.</summary>
    public static bool IsSender(ReadOnlySpan<char> text)
    {
        if (IsE164(text) || (text.Length is >= 3 and <= MaxShortCodeDigits && IsDigits(text)))
        {
            return true;
        }

        var letters = 0;
        foreach (var symbol in text)
        {
            letters += char.IsAsciiLetter(symbol) ? 1 : 0;
            if (!char.IsAsciiLetterOrDigit(symbol) && symbol is not (' ' or '-' or '_' or '+' or '&'))
            {
                return false;
            }
        }

        return letters > 0 && text.Length <= MaxAlphanumericLength;
    }

    /// <summary>The digits as a number, which takes 8 bytes where the text takes 50.</summary>
    public static ulong Pack(ReadOnlySpan<char> e164) => ulong.Parse(e164[1..], NumberStyles.None, CultureInfo.InvariantCulture);

    public static string Unpack(ulong packed) => string.Create(CultureInfo.InvariantCulture, $"+{packed}");

    private static bool IsDigits(ReadOnlySpan<char> text) => !text.ContainsAnyExceptInRange('0', '9');
}
