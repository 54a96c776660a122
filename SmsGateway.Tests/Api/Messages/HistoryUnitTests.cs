using SmsGateway.Api.Messages;

namespace SmsGateway.Tests.Api.Messages;

public sealed class HistoryUnitTests
{
    private static readonly DateTimeOffset At = DateTimeOffset.UnixEpoch;

    [Fact]
    public void Of_queued_message_is_one_entry() => Assert.Equal([new("queued", At)], History.Of("queued", At, null, null, null));

    [Fact]
    public void Of_delivered_message_tells_every_known_time() => Assert.Equal(
        [new("queued", At), new("unknown", At.AddSeconds(1)), new("sent", At.AddSeconds(2)), new("delivered", At.AddSeconds(3))],
        History.Of("delivered", At, At.AddSeconds(1), At.AddSeconds(2), At.AddSeconds(3)));
}
