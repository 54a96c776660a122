using System.ComponentModel;
using System.Globalization;

using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;

using SmsGateway.Api.Accounts;
using SmsGateway.Api.Errors;
using SmsGateway.Api.Lists;
using SmsGateway.Api.OpenApi;
using SmsGateway.Core.Accounts;
using SmsGateway.Core.Credits;

namespace SmsGateway.Api.Credits;

/// <summary>Balances, transactions and top-ups.</summary>
internal static class CreditEndpoints
{
    private const string TransactionsPath = "/api/credits/transactions/";

    public static RouteGroupBuilder MapCredits(this IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup("/api/credits").WithTags("Credits").RequireRight(Rights.Read).ProducesProblems(401, 403);
        group.MapGet("/balance", GetBalanceAsync).WithSummary("Tell the balance").ProducesProblems(503);
        group.MapGet("/transactions", ListAsync).WithSummary("List transactions, newest first").ProducesProblems(400, 503);
        group.MapPost("/charge", ChargeAsync)
            .RequireRight(Rights.Billing)
            .WithSummary("Top an account up")
            .WithMetadata(new TakesRequestId())
            .Accepts<ChargeRequest>("application/json")
            .ProducesProblems(400, 404, 413, 415, 422, 503);
        return group;
    }

    private static async Task<Results<Ok<BalanceView>, Problem>> GetBalanceAsync(
        Caller caller, Balances balances, CancellationToken cancellationToken) =>
        TypedResults.Ok(
            await balances.FindAsync(caller.UserId, cancellationToken)
            ?? new BalanceView { Balance = default, Pending = default, DatabaseBalance = default(Core.Money.Amount) });

    private static Task<Results<Ok<ChargeAnswer>, Problem>> ChargeAsync(
        HttpContext context, Caller caller, TopUpHandler handler, CancellationToken cancellationToken) =>
        handler.ChargeAsync(context, caller, cancellationToken);

    private static async Task<Results<Ok<TransactionPage>, Problem>> ListAsync(
        [AsParameters] TransactionListParameters parameters, HttpRequest request, Caller caller, LedgerStore ledger, TimeProvider time,
        CancellationToken cancellationToken)
    {
        var errors = default(FieldErrors);
        int limit = ListQuery.Limit(parameters.Limit, ref errors);
        var (from, to) = ListQuery.Range(parameters.From, parameters.To, time.GetUtcNow(), ref errors);
        string? kind = string.IsNullOrEmpty(parameters.Kind) ? null : parameters.Kind;
        if (kind is not null && !LedgerKinds.All.Contains(kind))
        {
            errors.Add("kind", "one of " + string.Join(", ", LedgerKinds.All));
        }

        var cursor = ListQuery.ReadCursor<long>(parameters.Cursor, TryParseLedgerId, ref errors);
        if (errors.Any)
        {
            return errors.ToProblem();
        }

        // One more than the page holds says whether there is another.
        var transactions = await ledger.ListAsync(new(caller.UserId, from, to, kind), cursor, limit + 1, cancellationToken);
        var page = Page.Of(transactions, limit, cursor?.Direction);
        var (next, previous) = page.Links(TransactionsPath, request.Query, transaction => transaction.Id);
        return TypedResults.Ok(new TransactionPage { Next = next, Previous = previous, Results = page.Items });
    }

    internal static bool TryParseLedgerId(string text, out long id) =>
        long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out id);
}

/// <summary>The parameters of a list of transactions, as text: what is wrong is answered by name.</summary>
internal sealed record TransactionListParameters(
    [property: FromQuery(Name = "kind"), Description("Only transactions of this kind.")] string? Kind,
    [property: FromQuery(Name = "limit"), Description("Transactions a page, 1 to 100.")] string? Limit,
    [property: FromQuery(Name = "cursor"), Description("From next or previous.")] string? Cursor,
    [property: FromQuery(Name = "from"), Description("Made at or after this time; by default 30 days before to.")] string? From,
    [property: FromQuery(Name = "to"), Description("Made before this time; by default now.")] string? To);
