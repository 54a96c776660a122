using Microsoft.AspNetCore.Http.HttpResults;

using SmsGateway.Api.Accounts;
using SmsGateway.Api.Errors;
using SmsGateway.Api.Json;
using SmsGateway.Api.Requests;
using SmsGateway.Core.Accounts;

namespace SmsGateway.Api.Keys;

/// <summary>
/// The keys of accounts, for operators. The edge answers 404 for them: operators reach the API directly, or use <c>./gateway keys</c>.
/// </summary>
internal static class KeyEndpoints
{
    public static IHostApplicationBuilder AddKeys(this IHostApplicationBuilder builder)
    {
        builder.Services.AddSingleton<KeyAdministration>();
        return builder;
    }

    public static RouteGroupBuilder MapKeys(this IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup("/api/admin/accounts/{account}/keys")
            .WithTags("Keys")
            .RequireRight(Rights.Admin, SuspendedAccounts.Refused)
            .ProducesProblems(401, 403, 404, 503);
        group.MapGet("/", ListAsync).WithSummary("List the keys of an account");
        group.MapPost("/", CreateAsync)
            .WithSummary("Make a key and show it, once")
            .Accepts<KeyRequest>("application/json")
            .ProducesProblems(400, 409, 413, 415);
        group.MapPost("/{name}/rotate", RotateAsync).WithSummary("Replace a key by a new one of the same name, rights and expiry");
        group.MapPost("/{name}/revoke", RevokeAsync).WithSummary("End a key");
        return group;
    }

    private static async Task<Results<Ok<KeyList>, Problem>> ListAsync(
        string account, KeyAdministration keys, TimeProvider time, CancellationToken cancellationToken)
    {
        if (await FindAsync(account, keys, cancellationToken) is not { } userId)
        {
            return NoAccount();
        }

        var now = time.GetUtcNow();
        var list = await keys.ListAsync(userId, cancellationToken);
        return TypedResults.Ok(new KeyList { Results = list.ConvertAll(key => KeyView.Of(key, now)) });
    }

    private static async Task<Results<Created<NewKeyAnswer>, Problem>> CreateAsync(
        string account, HttpRequest request, Caller caller, KeyAdministration keys, TimeProvider time, ILogger<KeyAdministration> log,
        CancellationToken cancellationToken)
    {
        var (body, problem) = await JsonBody.ReadAsync(request, ApiJson.Strict.KeyRequest, JsonBody.MaxBytes, cancellationToken);
        if (body is null)
        {
            return problem!;
        }

        var errors = default(FieldErrors);
        var expiresAt = Validate(body, time.GetUtcNow(), ref errors);
        if (errors.Any)
        {
            return errors.ToProblem();
        }

        if (await FindAsync(account, keys, cancellationToken) is not { } userId)
        {
            return NoAccount();
        }

        if (await keys.CreateAsync(userId, body.Name!, RightsNames.Parse(body.Rights!), expiresAt, cancellationToken) is not { } key)
        {
            return new Problem(ProblemTypes.KeyExists);
        }

        Log.KeyMade(log, body.Name!, userId, caller.UserId);
        return TypedResults.Created(request.Path.Value, new NewKeyAnswer { Key = key, Name = body.Name! });
    }

    private static async Task<Results<Ok<NewKeyAnswer>, Problem>> RotateAsync(
        string account, string name, Caller caller, KeyAdministration keys, ILogger<KeyAdministration> log, CancellationToken cancellationToken)
    {
        if (await FindAsync(account, keys, cancellationToken) is not { } userId
            || !KeyAdministration.IsName(name)
            || await keys.RotateAsync(userId, name, cancellationToken) is not { } key)
        {
            return NoKey();
        }

        Log.KeyRotated(log, name, userId, caller.UserId);
        return TypedResults.Ok(new NewKeyAnswer { Key = key, Name = name });
    }

    private static async Task<Results<Ok<RevokedKeyAnswer>, Problem>> RevokeAsync(
        string account, string name, Caller caller, KeyAdministration keys, ILogger<KeyAdministration> log, CancellationToken cancellationToken)
    {
        if (await FindAsync(account, keys, cancellationToken) is not { } userId
            || !KeyAdministration.IsName(name)
            || !await keys.RevokeAsync(userId, name, cancellationToken))
        {
            return NoKey();
        }

        Log.KeyRevoked(log, name, userId, caller.UserId);
        return TypedResults.Ok(new RevokedKeyAnswer { Name = name });
    }

    /// <summary>What is wrong with a request for a key; returns when the key expires.</summary>
    private static DateTimeOffset? Validate(KeyRequest body, DateTimeOffset now, ref FieldErrors errors)
    {
        if (body.Name is null || !KeyAdministration.IsName(body.Name))
        {
            errors.Add("name", KeyRules.Name);
        }

        // An unknown name gives no right, so a list with one has fewer rights than names.
        if (body.Rights is not { Count: > 0 } rights || RightsNames.Parse(rights).Names().Length != rights.Count)
        {
            errors.Add("rights", KeyRules.Rights);
        }

        DateTimeOffset? expiresAt = null;
        if (body.ExpiresAt is not null && (!TimeRule.TryParse(body.ExpiresAt, out expiresAt) || expiresAt <= now))
        {
            errors.Add("expires_at", KeyRules.ExpiresAt);
        }

        return expiresAt;
    }

    /// <summary>Names of accounts have no rule but that they can be stored.</summary>
    private static async Task<long?> FindAsync(string account, KeyAdministration keys, CancellationToken cancellationToken) =>
        account.Contains('\0', StringComparison.Ordinal) ? null : await keys.FindAccountAsync(account, cancellationToken);

    private static Problem NoAccount() => new(ProblemTypes.NotFound, "There is no such account.");

    private static Problem NoKey() => new(ProblemTypes.NotFound, "There is no such account, or it has no key of this name that is not revoked.");
}
