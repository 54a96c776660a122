namespace SmsGateway.Api.Credits;

/// <summary>References of top-ups as the ledger has them: a prefix keeps those that clients choose apart from those that are made here.</summary>
internal static class TopUpReference
{
    private const string Client = "ref:";
    private const string Request = "req:";
    private const string Made = "api:";

    /// <summary>The reference that a client gave.</summary>
    public static string OfClient(string reference) => Client + reference;

    /// <summary>Of a top-up that only its request has a name.</summary>
    public static string OfRequest(string requestId) => Request + requestId;

    /// <summary>Of one that has no name at all.</summary>
    public static string New(DateTimeOffset now) => Made + Guid.CreateVersion7(now);

    /// <summary>As the client knows it.</summary>
    public static string Shown(string reference) =>
        reference.StartsWith(Client, StringComparison.Ordinal) || reference.StartsWith(Request, StringComparison.Ordinal)
        || reference.StartsWith(Made, StringComparison.Ordinal)
            ? reference[Client.Length..]
            : reference;
}
