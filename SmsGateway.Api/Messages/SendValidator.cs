using SmsGateway.Api.Errors;
using SmsGateway.Api.Requests;
using SmsGateway.Core.Messages;

namespace SmsGateway.Api.Messages;

/// <summary>What a send must have; the rest of it may be left out.</summary>
[Flags]
internal enum SendParts
{
    None = 0,
    Recipient = 1,
    Message = 2,
    All = Recipient | Message,
}

/// <summary>Checks a send against the rules that do not depend on the time.</summary>
internal sealed class SendValidator(PhoneNumbers numbers)
{
    /// <summary>The send in its one form; null where something is wrong. What is left out and may be is empty.</summary>
    public Send? Validate(SendRequest request, ref FieldErrors errors, SendParts required = SendParts.All)
    {
        string recipient = "";
        if (request.Recipient is null ? required.HasFlag(SendParts.Recipient) : !numbers.TryNormalise(request.Recipient, out recipient))
        {
            errors.Add("recipient", SendRules.Recipient);
        }

        if (request.Message is null ? required.HasFlag(SendParts.Message) : !TextRule.IsText(request.Message, SendRules.LongestMessage))
        {
            errors.Add("message", SendRules.Message);
        }

        if (!Priorities.TryParse(request.Priority ?? Priority.Normal.Name(), out var priority))
        {
            errors.Add("priority", SendRules.Priority);
        }

        DateTimeOffset? scheduledAt = null;
        if (request.ScheduledAt is not null && !TimeRule.TryParse(request.ScheduledAt, out scheduledAt))
        {
            errors.Add("scheduled_at", SendRules.ScheduledAt);
        }

        if (request.Sender is not null && !IsSender(request.Sender))
        {
            errors.Add("sender", SendRules.Sender);
        }

        if (request.ClientReference is not null && !TextRule.IsText(request.ClientReference, SendRules.LongestReference))
        {
            errors.Add("client_reference", SendRules.ClientReference);
        }

        if (request.CallbackUrl is not null && !IsHttpUrl(request.CallbackUrl))
        {
            errors.Add("callback_url", SendRules.CallbackUrl);
        }

        int validity = request.ValiditySeconds ?? SendRules.DefaultValiditySeconds;
        if (validity is < SendRules.ShortestValiditySeconds or > QueuedMessage.LongestValiditySeconds)
        {
            errors.Add("validity_seconds", SendRules.ValiditySeconds);
        }

        if (request.MaxCost is { Units: < 0 })
        {
            errors.Add("max_cost", SendRules.MaxCost);
        }

        return errors.Any ? null : new Send
        {
            Recipient = recipient,
            Text = request.Message ?? "",
            Priority = priority,
            ScheduledAt = scheduledAt,
            Sender = request.Sender,
            ClientReference = request.ClientReference,
            CallbackUrl = request.CallbackUrl,
            ValiditySeconds = validity,
            MaxCost = request.MaxCost,
        };
    }

    internal static bool IsSender(string text)
    {
        var digits = text.AsSpan(text.StartsWith('+') ? 1 : 0);
        if (!digits.ContainsAnyExceptInRange('0', '9'))
        {
            return digits.Length is > 0 and <= SendRules.LongestNumericSender;
        }

        bool hasLetter = false;
        foreach (char character in text)
        {
            hasLetter |= char.IsAsciiLetter(character);
            if (!char.IsAsciiLetterOrDigit(character) && character is not (' ' or '+' or '-' or '_' or '&'))
            {
                return false;
            }
        }

        return hasLetter && text.Length <= SendRules.LongestAlphanumericSender && text[0] != ' ' && text[^1] != ' ';
    }

    internal static bool IsHttpUrl(string text)
    {
        if (!TextRule.IsText(text, SendRules.LongestUrl) || text.AsSpan().ContainsAnyInRange('\u0001', ' '))
        {
            return false;
        }

        return Uri.TryCreate(text, UriKind.Absolute, out var url)
            && (url.Scheme == Uri.UriSchemeHttp || url.Scheme == Uri.UriSchemeHttps)
            && url.UserInfo.Length == 0 && url.Host.Length > 0;
    }
}
