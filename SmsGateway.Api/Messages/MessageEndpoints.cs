using System.ComponentModel;

using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;

using SmsGateway.Api.Accounts;
using SmsGateway.Api.Errors;
using SmsGateway.Api.Lists;
using SmsGateway.Api.OpenApi;
using SmsGateway.Core.Accounts;
using SmsGateway.Core.Messages;

namespace SmsGateway.Api.Messages;

/// <summary>Sending, looking up and cancelling messages.</summary>
internal static class MessageEndpoints
{
    private const string MessagesPath = "/api/sms/messages/";

    public static RouteGroupBuilder MapMessages(this IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup("/api/sms").WithTags("Messages").RequireRight(Rights.Read).ProducesProblems(401, 403);
        group.MapPost("/send", SendAsync)
            .RequireRight(Rights.Send, SuspendedAccounts.Refused)
            .WithSummary("Send a message")
            .WithMetadata(new TakesRequestId())
            .Accepts<SendRequest>("application/json")
            .ProducesProblems(400, 402, 413, 415, 422, 503);
        group.MapGet("/messages", ListAsync).WithSummary("List messages, newest first").ProducesProblems(400, 503);
        group.MapGet("/messages/{id}", GetAsync).WithSummary("Look a message up").ProducesProblems(404, 503);
        group.MapPost("/messages/{id}/cancel", CancelAsync)
            .RequireRight(Rights.Send)
            .WithSummary("Cancel a message that no provider has yet")
            .ProducesProblems(404, 409, 503);
        group.MapGet("/statistics", GetStatisticsAsync).WithSummary("Count messages by what became of them").ProducesProblems(400, 503);
        return group;
    }

    private static Task<Results<AcceptedSend, Ok<DryRunAnswer>, Problem>> SendAsync(
        HttpRequest request, Caller caller, SendHandler handler, CancellationToken cancellationToken) =>
        handler.SendAsync(request, caller, cancellationToken);

    private static async Task<Results<Ok<MessageView>, Problem>> GetAsync(
        string id, Caller caller, MessageReader reader, CancellationToken cancellationToken) =>
        MessageId.TryParse(id, out var parsed) && await reader.FindAsync(caller.UserId, parsed, cancellationToken) is { } message
            ? TypedResults.Ok(message)
            : MessageProblems.NotFound();

    private static async Task<Results<Ok<MessagePage>, Problem>> ListAsync(
        [AsParameters] MessageListParameters parameters, HttpRequest request, Caller caller, MessageStore store, TimeProvider time,
        CancellationToken cancellationToken)
    {
        var errors = default(FieldErrors);
        int limit = ListQuery.Limit(parameters.Limit, ref errors);
        var (from, to) = ListQuery.Range(parameters.From, parameters.To, time.GetUtcNow(), ref errors);
        var cursor = ListQuery.ReadCursor<Guid>(parameters.Cursor, MessageId.TryParse, ref errors);
        var state = ReadState(parameters.Status, ref errors);
        if (errors.Any)
        {
            return errors.ToProblem();
        }

        // One more than the page holds says whether there is another.
        var messages = await store.ListAsync(new(caller.UserId, from, to, state), cursor, limit + 1, cancellationToken);
        var page = Page.Of(messages, limit, cursor?.Direction);
        var (next, previous) = page.Links(MessagesPath, request.Query, message => message.Id);
        return TypedResults.Ok(new MessagePage { Next = next, Previous = previous, Results = page.Items });
    }

    private static MessageState? ReadState(string? text, ref FieldErrors errors)
    {
        if (string.IsNullOrEmpty(text))
        {
            return null;
        }

        if (MessageStates.TryParse(text, out var state))
        {
            return state;
        }

        errors.Add("status", "one of " + string.Join(", ", Enum.GetValues<MessageState>().Select(MessageStates.Name)));
        return null;
    }

    private static async Task<Results<Ok<CancelAnswer>, Problem>> CancelAsync(
        string id, Caller caller, Canceller canceller, CancellationToken cancellationToken)
    {
        if (!MessageId.TryParse(id, out var parsed))
        {
            return MessageProblems.NotFound();
        }

        return await canceller.CancelAsync(caller.UserId, parsed, cancellationToken) is { } problem
            ? problem
            : TypedResults.Ok(new CancelAnswer { SmsId = parsed });
    }

    private static async Task<Results<Ok<StatisticsView>, Problem>> GetStatisticsAsync(
        [FromQuery(Name = "from")] string? from, [FromQuery(Name = "to")] string? to,
        Caller caller, MessageStore store, TimeProvider time, CancellationToken cancellationToken)
    {
        var errors = default(FieldErrors);
        var range = ListQuery.Range(from, to, time.GetUtcNow(), ref errors);
        return errors.Any
            ? errors.ToProblem()
            : TypedResults.Ok(await store.CountAsync(caller.UserId, range.From, range.To, cancellationToken));
    }
}

/// <summary>The parameters of a list of messages, as text: what is wrong is answered by name.</summary>
internal sealed record MessageListParameters(
    [property: FromQuery(Name = "status"), Description("Only messages of this status.")] string? Status,
    [property: FromQuery(Name = "limit"), Description("Messages a page, 1 to 100.")] string? Limit,
    [property: FromQuery(Name = "cursor"), Description("From next or previous.")] string? Cursor,
    [property: FromQuery(Name = "from"), Description("Created at or after this time; by default 30 days before to.")] string? From,
    [property: FromQuery(Name = "to"), Description("Created before this time; by default now.")] string? To);
