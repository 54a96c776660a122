using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

using SmsGateway.Api.Bulk;
using SmsGateway.Api.Credits;
using SmsGateway.Api.Errors;
using SmsGateway.Api.Health;
using SmsGateway.Api.Keys;
using SmsGateway.Api.Messages;

namespace SmsGateway.Api.Json;

/// <summary>The JSON of requests and answers. Source-generated: no reflection.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(SendRequest))]
[JsonSerializable(typeof(SendAnswer))]
[JsonSerializable(typeof(DryRunAnswer))]
[JsonSerializable(typeof(BulkRequest))]
[JsonSerializable(typeof(BulkAnswer))]
[JsonSerializable(typeof(BulkDryRunAnswer))]
[JsonSerializable(typeof(MessageView))]
[JsonSerializable(typeof(MessagePage))]
[JsonSerializable(typeof(CancelAnswer))]
[JsonSerializable(typeof(StatisticsView))]
[JsonSerializable(typeof(BalanceView))]
[JsonSerializable(typeof(ChargeRequest))]
[JsonSerializable(typeof(ChargeAnswer))]
[JsonSerializable(typeof(TransactionPage))]
[JsonSerializable(typeof(KeyRequest))]
[JsonSerializable(typeof(KeyList))]
[JsonSerializable(typeof(NewKeyAnswer))]
[JsonSerializable(typeof(RevokedKeyAnswer))]
[JsonSerializable(typeof(HealthView))]
[JsonSerializable(typeof(ProblemBody))]
[JsonSerializable(typeof(ProblemType))]
[JsonSerializable(typeof(ProblemType[]))]
internal sealed partial class ApiJson : JsonSerializerContext
{
    private const int DeepestNesting = 8;

    /// <summary>For answers. They are never put into HTML: letters and plus signs stay as they are.</summary>
    public static readonly ApiJson Answers = new(new JsonSerializerOptions
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    });

    /// <summary>For requests: what is not exactly what the API knows is refused.</summary>
    public static readonly ApiJson Strict = new(new JsonSerializerOptions
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        AllowDuplicateProperties = false,
        MaxDepth = DeepestNesting,
    });
}
