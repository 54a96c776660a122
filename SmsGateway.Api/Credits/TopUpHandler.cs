using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;

using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.Options;

using SmsGateway.Api.Accounts;
using SmsGateway.Api.Errors;
using SmsGateway.Api.Json;
using SmsGateway.Api.Requests;
using SmsGateway.Core.Accounts;
using SmsGateway.Core.Credits;
using SmsGateway.Core.Money;

namespace SmsGateway.Api.Credits;

/// <summary>Tops accounts up: the ledger first, then Redis by the sync, so that no money exists in Redis alone.</summary>
internal sealed class TopUpHandler(
    CreditWriter ledger, CreditSync sync, Balances balances, IOptions<CreditsOptions> options, IOptions<RedisOptions> redis,
    TimeProvider time, ILogger<TopUpHandler> log)
{
    public async Task<Results<Ok<ChargeAnswer>, Problem>> ChargeAsync(
        HttpContext context, Caller caller, CancellationToken cancellationToken)
    {
        var (body, problem) = await JsonBody.ReadAsync(context.Request, ApiJson.Strict.ChargeRequest, JsonBody.MaxBytes, cancellationToken);
        if (body is null)
        {
            return problem!;
        }

        var errors = default(FieldErrors);
        string? requestId = RequestId.Read(context.Request.Headers, ref errors);
        Validate(body, ref errors);
        if (errors.Any)
        {
            return errors.ToProblem();
        }

        long userId = body.UserId ?? caller.UserId;
        if (userId != caller.UserId && !caller.Rights.HasFlag(Rights.Admin))
        {
            return new Problem(ProblemTypes.MissingRight, "Topping up another account needs the right admin.");
        }

        var topUp = new LedgerEntry(userId, LedgerKinds.TopUp, body.Amount!.Value, Reference(body, requestId), body.Description)
        {
            Request = requestId is null ? null : new(caller.UserId, requestId, Fingerprint(body, userId)),
        };
        var (result, ledgerId) = await ledger.AddAsync(topUp, cancellationToken);
        if (Refusal(result) is { } refusal)
        {
            return refusal;
        }

        if (result == CreditResult.WrittenBefore)
        {
            context.Response.Headers[RequestId.ReplayedHeader] = "true";
        }
        else
        {
            Log.ToppedUp(log, userId, topUp.Amount.ToString(), ledgerId);
        }

        await SyncAsync(userId);
        var view = await balances.FindAsync(userId, cancellationToken);
        return TypedResults.Ok(new ChargeAnswer { Balance = view?.Balance ?? Amount.Zero });
    }

    private void Validate(ChargeRequest body, ref FieldErrors errors)
    {
        if (body.Amount is not { Units: > 0 } amount || amount.Units > options.Value.LargestTopUpCredits * Amount.UnitsPerCredit)
        {
            string most = options.Value.LargestTopUpCredits.ToString(CultureInfo.InvariantCulture);
            errors.Add("amount", $"{ChargeRules.Amount} ({most})");
        }

        if (body.Description is not null && !TextRule.IsText(body.Description, ChargeRules.LongestDescription))
        {
            errors.Add("description", ChargeRules.Description);
        }

        if (body.Reference is not null && !TextRule.IsText(body.Reference, ChargeRules.LongestReference))
        {
            errors.Add("reference", ChargeRules.Reference);
        }
    }

    private string Reference(ChargeRequest body, string? requestId) =>
        body.Reference is not null ? TopUpReference.OfClient(body.Reference)
        : requestId is not null ? TopUpReference.OfRequest(requestId)
        : TopUpReference.New(time.GetUtcNow());

    /// <summary>The same for the same values, however they are written.</summary>
    private static string Fingerprint(ChargeRequest body, long userId) => Convert.ToHexString(SHA256.HashData(
        JsonSerializer.SerializeToUtf8Bytes(body with { UserId = userId }, ApiJson.Strict.ChargeRequest)));

    private static Problem? Refusal(CreditResult result) => result switch
    {
        CreditResult.OtherAmount or CreditResult.OtherRequest => new(ProblemTypes.IdempotencyMismatch),
        CreditResult.UnknownAccount => new(ProblemTypes.NotFound, "There is no such account."),
        CreditResult.BalanceTooLarge => new(ProblemTypes.BalanceLimit),
        _ => null,
    };

    /// <summary>
    /// The money is in the ledger; Redis learns of it now or, at the latest, by the periodic sync. A client that has gone does not stop it.
    /// </summary>
    private async Task SyncAsync(long userId)
    {
        try
        {
            await sync.SyncAccountAsync(userId, CancellationToken.None).WaitAsync(redis.Value.Timeout, time, CancellationToken.None);
        }
        catch (Exception outage) when (Outage.IsOutage(outage))
        {
            Log.TopUpNotSynced(log, userId, outage.Message);
        }
    }
}
