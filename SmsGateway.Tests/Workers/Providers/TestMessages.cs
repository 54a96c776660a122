using SmsGateway.Core.Messages;
using SmsGateway.Core.Text;

namespace SmsGateway.Tests.Workers.Providers;

/// <summary>Messages for tests of dispatch.</summary>
internal static class TestMessages
{
    public static QueuedMessage Create(DateTimeOffset now, Priority priority = Priority.Normal, long user = 42) => new()
    {
        Id = MessageId.New(now),
        UserId = user,
        Priority = priority,
        Recipient = "+4915112345678",
        Text = "Hello",
        Encoding = SmsEncoding.Gsm7,
        Segments = 1,
        CostUnits = 1000,
        ValidUntil = now.AddHours(1),
    };
}
