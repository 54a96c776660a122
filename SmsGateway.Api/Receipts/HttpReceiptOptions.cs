namespace SmsGateway.Api.Receipts;

/// <summary>
/// How the receipts of a provider of the kind <c>http</c> are read: JSON objects, whose fields are named by their path, such as <c>message.status</c>.
/// </summary>
internal sealed class HttpReceiptOptions
{
    /// <summary>Where the status is.</summary>
    public string StatusField { get; set; } = "status";

    /// <summary>Where the provider's own id is.</summary>
    public string IdField { get; set; } = "id";

    /// <summary>Where the reason of a failure is.</summary>
    public string ErrorField { get; set; } = "error";

    /// <summary>Statuses, name → <c>sent</c>, <c>delivered</c>, <c>undelivered</c> or <c>failed</c>; others say nothing new.</summary>
    public Dictionary<string, string> Statuses { get; } = new(StringComparer.Ordinal);
}
