using System.Text.Json;

using SmsGateway.Api.Health;
using SmsGateway.Api.Json;

namespace SmsGateway.Tests.Api.Health;

public sealed class HealthViewUnitTests
{
    [Fact]
    public void Json_spells_levels_as_words()
    {
        var view = new HealthView
        {
            Status = HealthLevel.Degraded,
            Components = new()
            {
                Database = HealthLevel.Unhealthy,
                Redis = HealthLevel.Healthy,
                AcceptGate = GateState.Closed,
                Workers = 2,
                SmsBufferSize = null,
                SmsBufferStatus = BufferLevel.Full,
            },
        };
        const string components =
            """
            {"database":"Unhealthy","redis":"Healthy","accept_gate":"Closed","workers":2,"sms_buffer_size":null,"sms_buffer_status":"Full"}
            """;
        Assert.Equal($$"""{"status":"Degraded","components":{{components}}}""", JsonSerializer.Serialize(view, ApiJson.Answers.HealthView));
    }
}
