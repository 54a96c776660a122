using SmsGateway.Api.Bulk;
using SmsGateway.Api.Credits;
using SmsGateway.Api.Errors;
using SmsGateway.Api.Keys;
using SmsGateway.Api.Messages;

namespace SmsGateway.Api.OpenApi;

/// <summary>One example of each body and answer.</summary>
internal static class Examples
{
    private const string Message =
        """
        {"id":"019a1f5e-7c00-7a51-8f4e-3f1d5a6b7c8d","sms_id":"019a1f5e-7c00-7a51-8f4e-3f1d5a6b7c8d","recipient":"+491701234567",
         "message":"Your code is 4711","sender":"Shop","priority":"express","status":"delivered","encoding":"GSM-7","segments":1,"cost":0.20,
         "client_reference":"login-1","created_at":"2026-01-31T12:00:00+00:00","scheduled_at":null,"valid_until":"2026-02-01T12:00:00+00:00",
         "sent_at":"2026-01-31T12:00:00.120+00:00","finished_at":"2026-01-31T12:00:01.480+00:00","provider":"main","provider_message_id":"SM0001",
         "error_code":null,"attempts":1,
         "history":[{"status":"queued","at":"2026-01-31T12:00:00+00:00"},{"status":"sent","at":"2026-01-31T12:00:00.120+00:00"},
                    {"status":"delivered","at":"2026-01-31T12:00:01.480+00:00"}]}
        """;

    private static readonly Dictionary<Type, string> All = new()
    {
        [typeof(SendRequest)] = """{"recipient":"+491701234567","message":"Your code is 4711","priority":"express","client_reference":"login-1"}""",
        [typeof(SendAnswer)] =
            """
            {"success":true,"message":"The message is accepted","sms_id":"019a1f5e-7c00-7a51-8f4e-3f1d5a6b7c8d","cost":0.20,"status":"queued",
             "segments":1,"encoding":"GSM-7"}
            """,
        [typeof(DryRunAnswer)] =
            """{"success":true,"message":"Dry run: nothing was charged or sent","dry_run":true,"cost":0.20,"segments":1,"encoding":"GSM-7"}""",
        [typeof(BulkRequest)] =
            """
            {"sender":"Shop","messages":[{"recipient":"+491701234567","message":"Your parcel comes today"},
             {"recipient":"+447700900123","message":"Your parcel comes tomorrow","client_reference":"parcel-8"}]}
            """,
        [typeof(BulkAnswer)] =
            """
            {"success":true,"message":"The messages are accepted","count":2,"cost":0.20,"status":"queued","results":[
             {"sms_id":"019a1f5e-7c00-7a51-8f4e-3f1d5a6b4000","recipient":"+491701234567","cost":0.10,"segments":1,"encoding":"GSM-7"},
             {"sms_id":"019a1f5e-7c00-7a51-8f4e-3f1d5a6b4001","recipient":"+447700900123","cost":0.10,"segments":1,"encoding":"GSM-7"}]}
            """,
        [typeof(BulkDryRunAnswer)] =
            """
            {"success":true,"message":"Dry run: nothing was charged or sent","dry_run":true,"count":1,"cost":0.10,"results":[
             {"recipient":"+491701234567","cost":0.10,"segments":1,"encoding":"GSM-7"}]}
            """,
        [typeof(MessageView)] = Message,
        [typeof(MessagePage)] = $$"""{"next":"/api/sms/messages/?cursor=older-019a1f5e-7c00-7a51-8f4e-3f1d5a6b7c8d","previous":null,"results":[{{Message}}]}""",
        [typeof(CancelAnswer)] =
            """
            {"success":true,"message":"The message is cancelled and will be refunded","sms_id":"019a1f5e-7c00-7a51-8f4e-3f1d5a6b7c8d","status":"cancelled"}
            """,
        [typeof(StatisticsView)] =
            """{"total":1000,"sent":970,"failed":20,"pending":8,"delivered":940,"cancelled":2,"success_rate":97.00}""",
        [typeof(BalanceView)] = """{"balance":949.90,"pending":0.10,"database_balance":950.00}""",
        [typeof(ChargeRequest)] = """{"amount":25.50,"description":"Invoice 7","reference":"invoice-7"}""",
        [typeof(ChargeAnswer)] = """{"success":true,"message":"The account is topped up","balance":975.40}""",
        [typeof(TransactionPage)] =
            """
            {"next":null,"previous":null,"results":[{"id":17,"kind":"topup","amount":25.50,"reference":"invoice-7","description":"Invoice 7",
             "created_at":"2026-01-31T12:00:00+00:00"}]}
            """,
        [typeof(KeyRequest)] = """{"name":"web shop","rights":["send","read"],"expires_at":"2030-01-31T00:00:00Z"}""",
        [typeof(NewKeyAnswer)] =
            """{"success":true,"message":"The key is shown this once","key":"sgw_0123456789abcdefghijklmnopqrstuvwxyzABCDEFG","name":"web shop"}""",
        [typeof(KeyList)] =
            """
            {"results":[{"name":"web shop","rights":["send","read"],"status":"valid","created_at":"2026-01-31T12:00:00+00:00",
             "expires_at":"2030-01-31T00:00:00+00:00","revoked_at":null}]}
            """,
        [typeof(RevokedKeyAnswer)] = """{"success":true,"message":"The key is revoked, within a second everywhere","name":"web shop"}""",
        [typeof(ProblemBody)] =
            """
            {"type":"/problems/invalid-request","title":"The request is not valid","error":"The request is not valid","status":400,
             "detail":"See errors for what is allowed.",
             "errors":{"priority":["normal (the default) or express"]}}
            """,
    };

    public static string? Of(Type type) => All.GetValueOrDefault(type);
}
