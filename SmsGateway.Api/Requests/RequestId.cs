using SmsGateway.Api.Errors;

namespace SmsGateway.Api.Requests;

/// <summary>
/// The client's own name for a request, by which a repeated one is recognised (draft-ietf-httpapi-idempotency-key-header).
/// </summary>
internal static class RequestId
{
    public const string Header = "X-Request-ID";
    public const string Synonym = "Idempotency-Key";

    /// <summary>Says in an answer that the request was taken before.</summary>
    public const string ReplayedHeader = "Idempotent-Replayed";

    public const string Rule = "1 to 128 printable ASCII characters; X-Request-ID and Idempotency-Key are the same, so both only if equal";

    public const int Longest = 128;

    /// <summary>The request's id; null where it has none, or where it is wrong, which <paramref name="errors"/> then says.</summary>
    public static string? Read(IHeaderDictionary headers, ref FieldErrors errors)
    {
        var first = headers[Header];
        var second = headers[Synonym];
        if (first.Count == 0 && second.Count == 0)
        {
            return null;
        }

        string? id = first.Count > 0 ? first[0] : second[0];
        bool isOne = first.Count <= 1 && second.Count <= 1 && (first.Count == 0 || second.Count == 0 || first[0] == second[0]);
        if (isOne && id is { Length: > 0 and <= Longest } && !id.AsSpan().ContainsAnyExceptInRange(' ', '~'))
        {
            return id;
        }

        errors.Add(first.Count > 0 ? Header : Synonym, Rule);
        return null;
    }
}
