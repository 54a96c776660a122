using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.Options;
using SmsGateway.ProviderSimulator.Faults;
using SmsGateway.ProviderSimulator.Messages;
using SmsGateway.ProviderSimulator.Receipts;

namespace SmsGateway.ProviderSimulator.Control;

/// <summary>Steers and watches the simulator. Without authentication: it is for tests and demos on a network of one's own.</summary>
internal static class ControlApi
{
    private const int MaxListed = 10_000;
    private const int CopyBatch = 1024;

    public static RouteGroupBuilder MapControl(this IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup("/control");
        group.MapGet("/faults", GetFaults);
        group.MapPut("/faults", PutFaultsAsync);
        group.MapGet("/stats", GetStats);
        group.MapGet("/messages", ListMessages);
        group.MapDelete("/messages", Reset);
        group.MapGet("/log", StreamLogAsync);
        return group;
    }

    private static JsonHttpResult<FaultOptions> GetFaults(FaultSwitch faults) =>
        TypedResults.Json(faults.Plan.Options, ControlJson.Plain.FaultOptions);

    /// <summary>Replaces all settings; what the body leaves out gets its default.</summary>
    private static async Task<Results<JsonHttpResult<FaultOptions>, ValidationProblem>> PutFaultsAsync(
        HttpRequest request, FaultSwitch faults, IEnumerable<IValidateOptions<FaultOptions>> validators, ILogger<FaultSwitch> logger)
    {
        FaultOptions? options;
        try
        {
            options = await JsonSerializer.DeserializeAsync(
                request.Body, ControlJson.Plain.FaultOptions, request.HttpContext.RequestAborted);
        }
        catch (JsonException malformed)
        {
            return Invalid("faults", malformed.Message);
        }

        if (options is null)
        {
            return Invalid("faults", "an object is needed");
        }

        string[] failures = [.. validators.SelectMany(validator => validator.Validate(null, options).Failures ?? [])];
        if (failures.Length > 0)
        {
            return Invalid("faults", failures);
        }

        faults.Change(options);
        Log.FaultsChanged(logger, options.Seed);
        return TypedResults.Json(options, ControlJson.Plain.FaultOptions);
    }

    private static JsonHttpResult<StatsView> GetStats(SimulatorStats stats, MessageLog log, ReceiptQueue receipts)
    {
        var (first, next, peak) = log.Extent;
        return TypedResults.Json(
            new StatsView(
                stats.Received,
                stats[PostResult.Accepted],
                stats[PostResult.Refused],
                stats[PostResult.Repeated],
                stats.TokenRepeats,
                peak,
                next - first,
                stats[PostResult.Accepted] - (next - first),
                new ReceiptsView(
                    stats[ReceiptResult.Sent],
                    stats[ReceiptResult.Failed],
                    stats[ReceiptResult.Dropped],
                    stats[ReceiptResult.Lost],
                    stats[ReceiptResult.Retried],
                    receipts.Held),
                Enum.GetValues<AnswerFault>().ToDictionary(fault => fault.ToString(), fault => stats[fault])),
            ControlJson.Plain.StatsView);
    }

    /// <summary>Messages, newest first; <paramref name="to"/> keeps those of one recipient.</summary>
    private static Results<JsonHttpResult<List<MessageView>>, ValidationProblem> ListMessages(
        MessageLog log, string? to = null, int limit = 100)
    {
        if (limit is < 1 or > MaxListed)
        {
            return Invalid("limit", $"is to be 1 to {MaxListed}");
        }

        if (to is not null && !PhoneNumber.IsE164(to))
        {
            return Invalid("to", "is to be an E.164 number, its plus sign written %2B");
        }

        var wanted = to is null ? (ulong?)null : PhoneNumber.Pack(to);
        var found = new List<MessageView>();
        var batch = new MessageRecord[CopyBatch];
        var (first, end, _) = log.Extent;
        while (end > first && found.Count < limit)
        {
            var start = Math.Max(first, end - batch.Length);
            var count = log.CopyFrom(start, batch.AsSpan(0, (int)(end - start)));
            for (var i = count - 1; i >= 0 && found.Count < limit; i--)
            {
                if (wanted is null || batch[i].To == wanted)
                {
                    found.Add(MessageView.Of(log.Run, batch[i]));
                }
            }

            end = start;
        }

        return TypedResults.Json(found, ControlJson.Plain.ListMessageView);
    }

    /// <summary>
    /// Every message remembered from number <paramref name="after"/> + 1 onwards, one JSON object a line, oldest first; ends with the
    /// newest at the time of the call. A gap in the numbers says that messages were overwritten.
    /// </summary>
    private static async Task StreamLogAsync(HttpContext context, MessageLog log, long after = -1)
    {
        context.Response.ContentType = "application/x-ndjson";
        var (_, end, _) = log.Extent;
        var batch = new MessageRecord[CopyBatch];
        await using var writer = new Utf8JsonWriter(
            context.Response.BodyWriter, new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
        for (var from = after + 1; from < end;)
        {
            var count = log.CopyFrom(from, batch);
            for (var i = 0; i < count && batch[i].Number < end; i++)
            {
                JsonSerializer.Serialize(writer, MessageView.Of(log.Run, batch[i]), ControlJson.Plain.MessageView);
                writer.Flush();
                writer.Reset();
                context.Response.BodyWriter.Write("\n"u8);
            }

            await context.Response.BodyWriter.FlushAsync(context.RequestAborted);
            from = count == 0 ? end : batch[count - 1].Number + 1;
        }
    }

    private static ValidationProblem Invalid(string field, params string[] failures) =>
        TypedResults.ValidationProblem(new Dictionary<string, string[]> { [field] = failures });

    private static NoContent Reset(MessageLog log, ReceiptQueue receipts, SimulatorStats stats, ILogger<MessageLog> logger)
    {
        receipts.Clear();
        log.Clear();
        stats.Reset();
        Log.Reset(logger);
        return TypedResults.NoContent();
    }
}
