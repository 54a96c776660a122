using System.ComponentModel;
using System.ComponentModel.DataAnnotations;

using SmsGateway.Api.OpenApi;
using SmsGateway.Core.Accounts;

namespace SmsGateway.Api.Keys;

/// <summary>The body of a request for a key.</summary>
internal sealed record KeyRequest
{
    [Required, Description(KeyRules.Name), RegularExpression(KeyRules.NamePattern)]
    public string? Name { get; init; }

    [Required, Description(KeyRules.Rights), MinLength(1), MaxLength(4)]
    public List<string>? Rights { get; init; }

    [Description(KeyRules.ExpiresAt), Format("date-time")]
    public string? ExpiresAt { get; init; }
}

/// <summary>What is allowed, in words.</summary>
internal static class KeyRules
{
    /// <summary>The same as <see cref="KeyAdministration.IsName"/>, for the schema.</summary>
    public const string NamePattern = "^[A-Za-z0-9._-]([A-Za-z0-9 ._-]{0,62}[A-Za-z0-9._-])?$";

    public const string Name = "a string: " + KeyAdministration.NameRule + "; an account has one key of a name that is not revoked";
    public const string Rights = "an array of 1 to 4 of send, read, billing and admin, each once";
    public const string ExpiresAt = "a string: a future time in ISO 8601 with offset; a key without it does not expire";
}

/// <summary>A key that was just made: the only answer that ever shows it.</summary>
internal sealed record NewKeyAnswer
{
    [Description("Always true.")]
    public bool Success { get; init; } = true;

    [Description("The answer in words.")]
    public string Message { get; init; } = "The key is shown this once";

    [Description("The key. It is stored as its SHA-256 alone; nobody can see it again.")]
    public required string Key { get; init; }

    public required string Name { get; init; }
}

/// <summary>A key as an operator sees it.</summary>
internal sealed record KeyView
{
    public required string Name { get; init; }

    [Description("send, read, billing, admin.")]
    public required string[] Rights { get; init; }

    [Description("valid, expired or revoked."), AllowedValues("valid", "expired", "revoked")]
    public required string Status { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    public required DateTimeOffset? ExpiresAt { get; init; }

    public required DateTimeOffset? RevokedAt { get; init; }

    public static KeyView Of(KeyInfo key, DateTimeOffset now) => new()
    {
        Name = key.Name,
        Rights = key.Rights,
        Status = key.RevokedAt is not null ? "revoked" : key.ExpiresAt <= now ? "expired" : "valid",
        CreatedAt = key.CreatedAt,
        ExpiresAt = key.ExpiresAt,
        RevokedAt = key.RevokedAt,
    };
}

/// <summary>The keys of an account.</summary>
internal sealed record KeyList
{
    [Description("The valid ones first, then those that ended last; at most 1,000.")]
    public required List<KeyView> Results { get; init; }
}

/// <summary>The answer to a revocation.</summary>
internal sealed record RevokedKeyAnswer
{
    [Description("Always true.")]
    public bool Success { get; init; } = true;

    [Description("The answer in words.")]
    public string Message { get; init; } = "The key is revoked, within a second everywhere";

    public required string Name { get; init; }
}
