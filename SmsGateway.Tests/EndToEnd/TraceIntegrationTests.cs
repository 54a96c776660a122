namespace SmsGateway.Tests.EndToEnd;

/// <summary>The gateway with a collector, which is this test. Every message is sampled.</summary>
public sealed class TracedStack : RunningStack
{
    private readonly SpanReceiver _receiver;

    public TracedStack()
        : this(new SpanReceiver())
    {
    }

    private TracedStack(SpanReceiver receiver)
        : base(
        [
            $"--ServiceEnvironment:OTEL_EXPORTER_OTLP_ENDPOINT={receiver.Address}",
            "--ServiceEnvironment:OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf",
            "--ServiceEnvironment:OTEL_BSP_SCHEDULE_DELAY=200",
        ]) => _receiver = receiver;

    internal SpanReceiver Receiver => _receiver;

    public override async Task DisposeAsync()
    {
        await base.DisposeAsync();
        await _receiver.DisposeAsync();
    }
}

[Collection(EndToEndTestGroup.Name)]
public sealed class TraceIntegrationTests(TracedStack stack) : IClassFixture<TracedStack>
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task Trace_of_a_message_shows_accept_ingest_dispatch_provider_and_receipt()
    {
        var customer = await stack.NewCustomerAsync(50_000);

        var id = await customer.SendAcceptedAsync(new { recipient = "+491701234567", message = "hello" });

        await Until.CompleteAsync(Limit, () => Task.FromResult(Missing(id)));
    }

    /// <summary>Loops look for work dozens of times a second: as traces of their own these calls would hide the others.</summary>
    [Fact]
    public async Task Traces_show_queries_of_batches_and_none_that_loops_make_to_find_work()
    {
        var customer = await stack.NewCustomerAsync(50_000);

        await customer.SendAcceptedAsync(new { recipient = "+491701234567", message = "hello" });

        await Until.CompleteAsync(Limit, () => Task.FromResult(
            Queries().Any(query => query.Parent.Length > 0) ? "" : "a query of a batch"));
        Assert.DoesNotContain(Queries(), query => query.Parent.Length == 0);
    }

    private IEnumerable<ReceivedSpan> Queries() =>
        stack.Receiver.Spans.Where(span => span.Tags.Keys.Any(tag => tag.StartsWith("db.", StringComparison.Ordinal)));

    /// <summary>The first span that the trace of a message lacks.</summary>
    private string Missing(Guid id)
    {
        var all = stack.Receiver.Spans.ToArray();
        if (Array.Find(all, span => span.Name == "send sms" && span.Tags["messaging.message.id"] == id.ToString()) is not { } sent)
        {
            return "send sms";
        }

        var trace = all.Where(span => span.Trace == sent.Trace).ToList();
        var accepted = trace.Find(span => span.Id == sent.Parent && span.Name == "POST /api/sms/send");
        var called = trace.Find(span => span.Parent == sent.Id && span.Name == "POST");
        var stored = trace.Find(span => span.Name == "ingest sms" && span.Parent == sent.Parent);
        var batch = Array.Find(all, span => span.Name == "ingest batch" && stored?.LinkedTraces.Contains(span.Trace) == true);
        return accepted is null ? "the request that was accepted"
            : stored is null ? "ingest sms"
            : batch is null ? "the batch that ingest sms is linked with"
            : called is null ? "the call of the provider"
            : !trace.Exists(span => span.Parent == called.Id) ? "the provider's own span"
            : !trace.Exists(span => span.Name == "receive receipt" && span.Parent == sent.Id) ? "receive receipt"
            : "";
    }
}
