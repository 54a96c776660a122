using SmsGateway.Core.Messages;
using SmsGateway.Tests.Fixtures;
using SmsGateway.Workers.Providers;

namespace SmsGateway.Tests.Workers.Providers;

/// <summary>
/// What every provider adapter must do, whatever its protocol: ask once, and tell what certainly was not taken from what may have been.
/// A suite derives from it, and says how its protocol accepts and refuses.
/// </summary>
public abstract class ProviderConformance
{
    private protected TestClock Time { get; } = new();

    private protected abstract (string Status, string Body) AcceptedAnswer { get; }

    private protected abstract string AcceptedId { get; }

    private protected abstract (string Status, string Body) RefusedAnswer { get; }

    private protected abstract IProvider Create(Uri address);

    [Fact]
    public async Task Send_accepted_gives_the_providers_id()
    {
        await using var server = ScriptedServer.Answering(AcceptedAnswer.Status, AcceptedAnswer.Body);

        Assert.Equal(new SendResult.Accepted(AcceptedId), await SendAsync(server));
    }

    [Fact]
    public async Task Send_refused_gives_a_code()
    {
        await using var server = ScriptedServer.Answering(RefusedAnswer.Status, RefusedAnswer.Body);

        Assert.NotEmpty(Assert.IsType<SendResult.Refused>(await SendAsync(server)).ErrorCode);
    }

    [Fact]
    public async Task Send_too_many_requests_is_busy_for_as_long_as_the_provider_says()
    {
        await using var server = ScriptedServer.Answering("429 Too Many Requests", "", "Retry-After: 7\r\n");

        Assert.Equal(new SendResult.Busy(TimeSpan.FromSeconds(7)), await SendAsync(server));
    }

    [Fact]
    public async Task Send_retry_after_as_a_date_is_the_time_until_then()
    {
        await using var server = ScriptedServer.Answering(
            "503 Service Unavailable", "", $"Retry-After: {Time.GetUtcNow().AddSeconds(90):R}\r\n");

        Assert.Equal(TimeSpan.FromSeconds(90), Assert.IsType<SendResult.Unavailable>(await SendAsync(server)).RetryAfter);
    }

    [Fact]
    public async Task Send_nobody_listens_is_unavailable()
    {
        Uri address;
        await using (var server = ScriptedServer.Answering("200 OK", ""))
        {
            address = server.Address;
        }

        Assert.Equal("not_connected", Assert.IsType<SendResult.Unavailable>(await SendAsync(address)).Reason);
    }

    [Fact]
    public async Task Send_name_does_not_resolve_is_unavailable()
    {
        var result = await SendAsync(new Uri("http://no-such-host.invalid"));

        Assert.Equal("name_not_resolved", Assert.IsType<SendResult.Unavailable>(result).Reason);
    }

    [Fact]
    public async Task Send_no_answer_in_time_is_unknown()
    {
        using var timeout = new CancellationTokenSource();
        await using var server = new ScriptedServer(async exchange =>
        {
            await timeout.CancelAsync();
            await exchange.HangAsync();
        });

        Assert.Equal(new SendResult.Unknown("timeout"), await SendAsync(server.Address, timeout.Token));
    }

    [Fact]
    public async Task Send_ended_before_the_request_left_is_unavailable()
    {
        await using var server = ScriptedServer.Answering(AcceptedAnswer.Status, AcceptedAnswer.Body);

        Assert.IsType<SendResult.Unavailable>(await SendAsync(server.Address, new CancellationToken(canceled: true)));
        Assert.Empty(server.Requests);
    }

    [Fact]
    public async Task Send_lease_is_lost_while_the_connection_was_made_does_not_leave()
    {
        await using var server = ScriptedServer.Answering(AcceptedAnswer.Status, AcceptedAnswer.Body);
        var departure = new Departure(() => false, null, null, Time);

        var result = await Create(server.Address).SendAsync(TestMessages.Create(Time.GetUtcNow()), departure, CancellationToken.None);

        Assert.Equal(new SendResult.HeldBack(), result);
        Assert.Empty(server.Requests);
    }

    [Fact]
    public async Task Send_reset_after_the_request_is_unknown()
    {
        await using var server = Doing(exchange => exchange.Reset());

        Assert.IsType<SendResult.Unknown>(await SendAsync(server));
    }

    [Fact]
    public async Task Send_connection_closed_after_the_request_is_unknown_and_asks_once()
    {
        await using var server = Doing(exchange => exchange.Close());

        Assert.IsType<SendResult.Unknown>(await SendAsync(server));
        Assert.Single(server.Requests);
    }

    [Fact]
    public async Task Send_kept_connection_closes_under_the_request_asks_once()
    {
        int requests = 0;
        await using var server = new ScriptedServer(async exchange =>
        {
            if (++requests == 2)
            {
                exchange.Reset();
                return;
            }

            await exchange.AnswerAsync(AcceptedAnswer.Status, AcceptedAnswer.Body);
        });
        var provider = Create(server.Address);

        Assert.IsType<SendResult.Accepted>(await provider.SendAsync(TestMessages.Create(Time.GetUtcNow()), new Departure(), CancellationToken.None));
        Assert.IsType<SendResult.Unknown>(await provider.SendAsync(TestMessages.Create(Time.GetUtcNow()), new Departure(), CancellationToken.None));
        Assert.Equal(2, server.Requests.Count);
    }

    [Fact]
    public async Task Send_half_an_answer_is_unknown()
    {
        var (status, body) = AcceptedAnswer;
        await using var server = new ScriptedServer(async exchange =>
        {
            await exchange.WriteAsync($"HTTP/1.1 {status}\r\nContent-Length: {body.Length}\r\n\r\n{body[..(body.Length / 2)]}");
            exchange.Close();
        });

        Assert.IsType<SendResult.Unknown>(await SendAsync(server));
    }

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("<html>accepted</html>")]
    public async Task Send_success_without_an_id_is_unknown(string body)
    {
        await using var server = ScriptedServer.Answering(AcceptedAnswer.Status, body);

        Assert.IsType<SendResult.Unknown>(await SendAsync(server));
    }

    [Fact]
    public async Task Send_endless_answer_is_unknown()
    {
        await using var server = new ScriptedServer(async exchange =>
        {
            await exchange.WriteAsync($"HTTP/1.1 {AcceptedAnswer.Status}\r\nContent-Length: 1000000000\r\n\r\n");
            await exchange.WriteAsync(new string(' ', 100_000));
            await exchange.HangAsync();
        });

        Assert.IsType<SendResult.Unknown>(await SendAsync(server));
    }

    [Theory]
    [InlineData("500 Internal Server Error")]
    [InlineData("502 Bad Gateway")]
    [InlineData("504 Gateway Timeout")]
    public async Task Send_server_error_that_is_not_the_providers_own_is_unknown(string status)
    {
        await using var server = ScriptedServer.Answering(status, "<html>sorry</html>");

        Assert.IsType<SendResult.Unknown>(await SendAsync(server));
    }

    [Fact]
    public async Task Send_service_unavailable_is_unavailable()
    {
        await using var server = ScriptedServer.Answering("503 Service Unavailable", "<html>sorry</html>");

        Assert.IsType<SendResult.Unavailable>(await SendAsync(server));
    }

    [Fact]
    public async Task Send_redirected_does_not_follow()
    {
        await using var other = ScriptedServer.Answering(AcceptedAnswer.Status, AcceptedAnswer.Body);
        await using var server = ScriptedServer.Answering("307 Temporary Redirect", "", $"Location: {other.Address}\r\n");

        Assert.IsType<SendResult.Unavailable>(await SendAsync(server));
        Assert.Empty(other.Requests);
    }

    private protected Task<SendResult> SendAsync(ScriptedServer server) => SendAsync(server.Address);

    private protected Task<SendResult> SendAsync(Uri address, CancellationToken cancellationToken = default) =>
        SendAsync(address, TestMessages.Create(Time.GetUtcNow()), cancellationToken);

    private protected Task<SendResult> SendAsync(Uri address, QueuedMessage message, CancellationToken cancellationToken = default) =>
        Create(address).SendAsync(message, new Departure(), cancellationToken);

    private static ScriptedServer Doing(Action<Exchange> script) => new(exchange =>
    {
        script(exchange);
        return Task.CompletedTask;
    });
}
