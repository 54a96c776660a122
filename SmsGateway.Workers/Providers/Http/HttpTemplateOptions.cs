namespace SmsGateway.Workers.Providers.Http;

/// <summary>
/// A provider of any maker that takes messages by HTTP and answers in JSON. Templates hold placeholders: <c>{id}</c>, <c>{to}</c>,
/// <c>{to_digits}</c>, <c>{from}</c>, <c>{text}</c>, <c>{encoding}</c>, <c>{segments}</c>, <c>{validity_seconds}</c>, <c>{receipt_url}</c> and
/// <c>{secret}</c>. In a JSON body each stands for a whole value, quotes included; elsewhere it is percent-encoded, and in headers it stands as
/// it is. Fields of an answer are named by their path, such as <c>messages.0.id</c>.
/// </summary>
internal sealed class HttpTemplateOptions
{
    /// <summary><c>POST</c> or <c>PUT</c>.</summary>
    public string Method { get; set; } = "POST";

    /// <summary>Template of path and query, appended to the provider's address.</summary>
    public string Path { get; set; } = "";

    /// <summary><c>application/json</c> or <c>application/x-www-form-urlencoded</c>.</summary>
    public string ContentType { get; set; } = HttpTemplateRules.Json;

    /// <summary>Headers, name → template; no message text in them.</summary>
    public Dictionary<string, string> Headers { get; } = [];

    /// <summary>Template of the body.</summary>
    public string Body { get; set; } = "";

    /// <summary>Where the provider's id of the message is in the answer.</summary>
    public string IdField { get; set; } = "";

    /// <summary>Where the code of an error is; empty: the provider has none, and statuses say everything.</summary>
    public string ErrorField { get; set; } = "";

    /// <summary>Codes that are no errors.</summary>
    public List<string> SuccessCodes { get; } = [];

    /// <summary>Codes of what no provider can send: the number does not exist, the text is not allowed. Other codes are refusals by this route.</summary>
    public List<string> MessageErrors { get; } = [];

    /// <summary>Codes that say: not now; the message was not taken.</summary>
    public List<string> TemporaryErrors { get; } = [];

    /// <summary>Codes that say that our account is not accepted.</summary>
    public List<string> AccountErrors { get; } = [];

    /// <summary>Template of the path at which the provider tells what it knows of the message <c>{id}</c>; empty: it cannot be asked.</summary>
    public string LookUpPath { get; set; } = "";

    /// <summary>Where the provider's id is in that answer; empty: where <see cref="IdField"/> says.</summary>
    public string LookUpIdField { get; set; } = "";

    /// <summary>
    /// The code in <see cref="ErrorField"/> of a 404 that proves that the provider has not taken the message. The status alone proves nothing: it
    /// may come from something that stands before the API.
    /// </summary>
    public string LookUpNotFound { get; set; } = "";
}
