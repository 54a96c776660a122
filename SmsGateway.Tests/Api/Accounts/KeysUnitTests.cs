using Microsoft.Extensions.Options;

using SmsGateway.Api.Accounts;
using SmsGateway.Api.Errors;
using SmsGateway.Core.Accounts;

namespace SmsGateway.Tests.Api.Accounts;

public sealed class KeysUnitTests
{
    private static readonly Caller Active = new(42, Rights.Send | Rights.Read, AccountStatus.Active, null);
    private static readonly KeyHash Key = KeyHash.Of("key");

    private readonly KeyCache _cache = new(Options.Create(new AccountsOptions { UnknownKeys = 100 }), TimeProvider.System);

    [Fact]
    public void KeyHash_is_the_stored_hash()
    {
        string key = ApiKey.New();
        Assert.Equal(ApiKey.Hash(key), KeyHash.Of(key).ToArray());
        Assert.Equal(KeyHash.Of(key), KeyHash.From(ApiKey.Hash(key)));
    }

    [Fact]
    public void KeyHash_of_the_longest_key_of_any_letters_fits() =>
        Assert.NotEqual(KeyHash.Of(new string('\u20AC', ApiKey.MaxLength)), KeyHash.Of(new string('x', ApiKey.MaxLength)));

    [Fact]
    public void Cache_knows_what_it_was_told()
    {
        Assert.False(_cache.TryGet(Key, out _));
        _cache.Set(Key, Active);
        Assert.True(_cache.TryGet(Key, out var caller));
        Assert.Equal(Active, caller);
    }

    [Fact]
    public void Refresh_revoked_key_is_known_to_be_none()
    {
        _cache.Set(Key, Active);
        Assert.True(_cache.Refresh(Key, null));
        Assert.True(_cache.TryGet(Key, out var caller));
        Assert.Null(caller);
    }

    [Fact]
    public void Refresh_changed_account_replaces_the_caller()
    {
        _cache.Set(Key, Active);
        Assert.True(_cache.Refresh(Key, Active with { Status = AccountStatus.Suspended }));
        Assert.True(_cache.TryGet(Key, out var caller));
        Assert.Equal(AccountStatus.Suspended, caller!.Status);
    }

    [Fact]
    public void Refresh_new_key_that_was_unknown_is_known_at_once()
    {
        _cache.Set(Key, null);
        Assert.True(_cache.Refresh(Key, Active));
        Assert.True(_cache.TryGet(Key, out var caller));
        Assert.Equal(Active, caller);
    }

    [Fact]
    public void Refresh_key_that_nobody_used_is_not_kept()
    {
        Assert.False(_cache.Refresh(Key, Active));
        Assert.False(_cache.TryGet(Key, out _));
    }

    [Fact]
    public void Refresh_without_a_change_says_so()
    {
        _cache.Set(Key, Active);
        Assert.False(_cache.Refresh(Key, Active with { }));
    }

    [Fact]
    public void Set_more_unknown_keys_than_the_bound_forgets_them()
    {
        for (int i = 0; i <= 100; i++)
        {
            _cache.Set(KeyHash.Of($"guess {i}"), null);
        }

        Assert.False(_cache.TryGet(KeyHash.Of("guess 0"), out _));
        Assert.True(_cache.TryGet(KeyHash.Of("guess 100"), out _));
    }

    [Fact]
    public void Refusal_no_caller_is_401() =>
        Assert.Equal(ProblemTypes.Unauthorized, ApiKeyMiddleware.Refusal(null, new(Rights.Read, SuspendedAccounts.Admitted))!.Type);

    [Fact]
    public void Refusal_missing_right_is_403() =>
        Assert.Equal(ProblemTypes.MissingRight, ApiKeyMiddleware.Refusal(Active, new(Rights.Billing, SuspendedAccounts.Admitted))!.Type);

    [Fact]
    public void Refusal_suspended_account_reads_but_does_not_send()
    {
        var suspended = Active with { Status = AccountStatus.Suspended };
        Assert.Null(ApiKeyMiddleware.Refusal(suspended, new(Rights.Read, SuspendedAccounts.Admitted)));
        Assert.Equal(ProblemTypes.AccountSuspended, ApiKeyMiddleware.Refusal(suspended, new(Rights.Send, SuspendedAccounts.Refused))!.Type);
    }

    [Fact]
    public void Refusal_right_caller_is_none() =>
        Assert.Null(ApiKeyMiddleware.Refusal(Active, new(Rights.Send, SuspendedAccounts.Refused)));
}
