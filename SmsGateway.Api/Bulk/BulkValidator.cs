using System.Globalization;

using SmsGateway.Api.Errors;
using SmsGateway.Api.Messages;

namespace SmsGateway.Api.Bulk;

/// <summary>Checks each message of a bulk by the rules of a send, and names the one at fault by its position.</summary>
internal sealed class BulkValidator(SendValidator validator, PhoneNumbers numbers)
{
    /// <summary>Further ones are not looked for.</summary>
    private const int MostErrors = 100;

    /// <summary>The sends in their one form; null where something is wrong.</summary>
    public List<Send>? Validate(BulkRequest request, ref FieldErrors errors)
    {
        if (request.Recipients is { Count: > 0 } recipients && request.Messages is null)
        {
            return ToAll(recipients, request, ref errors);
        }

        if (request.Messages is { Count: > 0 } messages && request.Recipients is null)
        {
            return Each(messages, request, ref errors);
        }

        errors.Add(
            request.Messages is null ? "recipients" : "messages", request.Messages is null ? BulkRules.Recipients : BulkRules.Messages);
        return null;
    }

    /// <summary>Where a message is in the request: <c>recipients[3]</c> or <c>messages[3]</c>.</summary>
    public static string Position(BulkRequest request, int position) => string.Create(
        CultureInfo.InvariantCulture, $"{(request.Recipients is null ? "messages" : "recipients")}[{position}]");

    private List<Send>? ToAll(BulkList<string> recipients, BulkRequest request, ref FieldErrors errors)
    {
        var shared = validator.Validate(request.ToSend(), ref errors, SendParts.Message);
        var sends = new List<Send>(recipients.Count);
        for (int i = 0; i < recipients.Count && errors.Count < MostErrors; i++)
        {
            // The reader lets null through.
            if (recipients[i] is not { } text || !numbers.TryNormalise(text, out string recipient))
            {
                errors.Add(Position(request, i), SendRules.Recipient);
            }
            else if (shared is not null)
            {
                sends.Add(shared with { Recipient = recipient });
            }
        }

        return errors.Any ? null : sends;
    }

    private List<Send>? Each(BulkList<BulkMessage> messages, BulkRequest request, ref FieldErrors errors)
    {
        // First what is said of all: what is wrong with it is said once.
        if (validator.Validate(request.ToSend(), ref errors, SendParts.None) is null)
        {
            return null;
        }

        var sends = new List<Send>(messages.Count);
        for (int i = 0; i < messages.Count && errors.Count < MostErrors; i++)
        {
            var own = default(FieldErrors);
            // The reader lets null through.
            if (messages[i] is not { } message)
            {
                errors.Add(Position(request, i), "an object");
            }
            else if (validator.Validate(message.ToSend(request), ref own) is { } send)
            {
                sends.Add(send);
            }
            else
            {
                errors.AddPart(Position(request, i), own);
            }
        }

        return errors.Any ? null : sends;
    }
}
