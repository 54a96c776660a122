using System.Net;
using System.Net.Sockets;

using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Options;

using Npgsql;

using SmsGateway.Api.Accounts;
using SmsGateway.Core.Accounts;

namespace SmsGateway.Tests.Api.Accounts;

/// <summary>
/// The database here is a port that takes connections and says nothing, so that look-ups stay under way until it is closed.
/// </summary>
public sealed class KeyDirectoryUnitTests : IAsyncDisposable
{
    private const int Bound = 3;

    private readonly TcpListener _silent = new(IPAddress.Loopback, 0);
    private readonly NpgsqlDataSource _database;
    private readonly KeyDirectory _keys;

    public KeyDirectoryUnitTests()
    {
        _silent.Start();
        int port = ((IPEndPoint)_silent.LocalEndpoint).Port;
        _database = NpgsqlDataSource.Create($"Host=127.0.0.1;Port={port};Username=u;Timeout=60;SSL Mode=Disable");
        var options = Options.Create(
            new AccountsOptions { WaitingLookups = Bound, ConcurrentLookups = 1, LookupTimeout = TimeSpan.FromMinutes(1) });
        _keys = new(new(options, TimeProvider.System), new(_database), options, TimeProvider.System);
    }

    public async ValueTask DisposeAsync()
    {
        _silent.Dispose();
        _keys.Dispose();
        await _database.DisposeAsync();
    }

    [Fact]
    public async Task FindAsync_beyond_the_bound_is_refused_at_once()
    {
        var waiting = Fill();
        await Assert.ThrowsAsync<TooManyLookupsException>(() => FindAsync("one too many"));
        Assert.All(waiting, lookup => Assert.False(lookup.IsCompleted));
    }

    [Fact]
    public async Task Request_beyond_the_bound_is_answered_503()
    {
        Fill();
        var context = new DefaultHttpContext();
        context.SetEndpoint(new(null, new(new RequiredRight(Rights.Read, SuspendedAccounts.Admitted)), "test"));
        context.Request.Headers[ApiKeyMiddleware.Header] = "one too many";
        await new ApiKeyMiddleware(_ => throw new InvalidOperationException("let in"), _keys).InvokeAsync(context);
        Assert.Equal(StatusCodes.Status503ServiceUnavailable, context.Response.StatusCode);
        Assert.Equal("1", context.Response.Headers.RetryAfter.ToString());
    }

    [Fact]
    public void FindAsync_beyond_the_bound_key_that_is_being_looked_up_waits_with_the_others()
    {
        Fill();
        Assert.False(FindAsync("guess 0").IsCompleted);
    }

    [Fact]
    public async Task FindAsync_after_look_ups_have_ended_is_let_in_again()
    {
        var waiting = Fill();
        using (var connection = await _silent.AcceptTcpClientAsync())
        {
            _silent.Stop();
        }

        foreach (var lookup in waiting)
        {
            await Assert.ThrowsAsync<NpgsqlException>(() => lookup);
        }

        await Assert.ThrowsAsync<NpgsqlException>(() => FindAsync("one more"));
    }

    private Task<Caller?>[] Fill() => [.. Enumerable.Range(0, Bound).Select(number => FindAsync($"guess {number}"))];

    private async Task<Caller?> FindAsync(string key) => await _keys.FindAsync(key, CancellationToken.None);
}
