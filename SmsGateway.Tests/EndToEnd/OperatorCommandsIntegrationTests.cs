namespace SmsGateway.Tests.EndToEnd;

/// <summary>The commands that the dashboard offers on the workers.</summary>
[Collection(EndToEndTestGroup.Name)]
public sealed class OperatorCommandsIntegrationTests(RunningStack stack) : IClassFixture<RunningStack>
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(15);

    [Fact]
    public async Task Pause_holds_messages_back_until_resume_and_the_audit_holds_meanwhile()
    {
        var customer = await stack.NewCustomerAsync(50_000);
        await stack.ExecuteAsync("workers", "pause-dispatch");

        var id = await customer.SendAcceptedAsync(new { recipient = "+491701234567", message = "hello" });
        await stack.ExecuteAsync("workers", "audit");
        string health = await stack.Edge.GetStringAsync(new Uri("/health/", UriKind.Relative));
        Assert.Contains("\"dispatch_paused\":true", health, StringComparison.Ordinal);
        Assert.Contains("\"status\":\"Degraded\"", health, StringComparison.Ordinal);
        Assert.Equal("queued", (await customer.FindMessageAsync(id)).GetProperty("status").GetString());

        await stack.ExecuteAsync("workers", "resume-dispatch");
        await customer.WaitForStatusAsync(id, "delivered", Limit);
    }
}
