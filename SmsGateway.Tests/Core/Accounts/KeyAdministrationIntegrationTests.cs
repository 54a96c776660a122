using SmsGateway.Core.Accounts;
using SmsGateway.Tests.Fixtures;
using SmsGateway.Workers.Commands;

namespace SmsGateway.Tests.Core.Accounts;

[Collection(InfrastructureCollection.Name)]
public sealed class KeyAdministrationIntegrationTests(Infrastructure infrastructure) : IAsyncLifetime
{
    private Stores _stores = null!;
    private KeyAdministration _keys = null!;
    private long _userId;

    public async Task InitializeAsync()
    {
        _stores = await infrastructure.NewStoresAsync();
        _userId = await _stores.NewAccountAsync(0);
        _keys = new(_stores.Database);
    }

    public async Task DisposeAsync() => await _stores.DisposeAsync();

    [Fact]
    public async Task Create_stores_the_hash_alone()
    {
        string key = (await _keys.CreateAsync(_userId, "app", Rights.Send | Rights.Read, TestClock.Start, default))!;

        Assert.Equal(
            $"{_userId} app send,read",
            await _stores.ScalarAsync<string>(
                "SELECT concat_ws(' ', user_id, name, array_to_string(rights, ',')) FROM api_keys WHERE key_hash = $1", ApiKey.Hash(key)));
        Assert.Null(await _keys.CreateAsync(_userId, "app", Rights.Send, null, default));
    }

    [Fact]
    public async Task Rotate_ends_the_old_key_and_keeps_rights_and_expiry()
    {
        string old = (await _keys.CreateAsync(_userId, "app", Rights.Billing, TestClock.Start, default))!;
        await AgeAsync();

        string rotated = (await _keys.RotateAsync(_userId, "app", default))!;

        Assert.NotEqual(old, rotated);
        var listed = await _keys.ListAsync(_userId, default);
        Assert.Equal([false, true], listed.Select(key => key.RevokedAt is not null));
        Assert.All(listed, key => Assert.Equal(("app", "billing", TestClock.Start), (key.Name, Assert.Single(key.Rights), key.ExpiresAt!.Value)));
        Assert.Equal(2, await ChangedAsync("api_keys"));
        Assert.Null(await _keys.RotateAsync(_userId, "other", default));
    }

    [Fact]
    public async Task Revoke_ends_the_key_once_and_frees_its_name()
    {
        await _keys.CreateAsync(_userId, "app", Rights.Send, null, default);
        await AgeAsync();

        Assert.True(await _keys.RevokeAsync(_userId, "app", default));
        Assert.False(await _keys.RevokeAsync(_userId, "app", default));

        Assert.Equal(1, await ChangedAsync("api_keys"));
        Assert.NotNull(await _keys.CreateAsync(_userId, "app", Rights.Send, null, default));
    }

    [Fact]
    public async Task SetStatus_is_seen_by_whoever_asks_for_changes()
    {
        await AgeAsync();

        await AccountCommands.SetStatusAsync(_stores.Database, _userId, "suspended", default);

        Assert.Equal("suspended", await _stores.ScalarAsync<string>("SELECT status FROM accounts WHERE user_id = $1", _userId));
        Assert.Equal(1, await ChangedAsync("accounts"));
    }

    [Theory]
    [InlineData("app")]
    [InlineData("Web shop 2.0_b-c")]
    public void IsName_takes_what_can_stand_in_an_address(string name) => Assert.True(KeyAdministration.IsName(name));

    [Theory]
    [InlineData("")]
    [InlineData(" app")]
    [InlineData("a/b")]
    [InlineData("a\0")]
    [InlineData("\u00e4")]
    [InlineData("12345678901234567890123456789012345678901234567890123456789012345")]
    public void IsName_refuses_anything_else(string name) => Assert.False(KeyAdministration.IsName(name));

    [Fact]
    public async Task FindAccount_by_name_or_number()
    {
        string name = await _stores.ScalarAsync<string>("SELECT name FROM accounts WHERE user_id = $1", _userId);

        Assert.Equal(_userId, await _keys.FindAccountAsync(name, default));
        Assert.Equal(_userId, await _keys.FindAccountAsync($"{_userId}", default));
        Assert.Null(await _keys.FindAccountAsync("nobody", default));
    }

    private async Task AgeAsync()
    {
        await _stores.ExecuteAsync("UPDATE api_keys SET changed_at = now() - interval '1 hour'");
        await _stores.ExecuteAsync("UPDATE accounts SET changed_at = now() - interval '1 hour'");
    }

    private Task<long> ChangedAsync(string table) =>
        _stores.ScalarAsync<long>($"SELECT count(*) FROM {table} WHERE changed_at > now() - interval '1 minute'");
}
