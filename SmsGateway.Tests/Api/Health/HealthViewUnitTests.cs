using System.Text.Json;

using SmsGateway.Api.Health;
using SmsGateway.Api.Json;
using SmsGateway.Core.Providers;

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
                WorkersExpected = 3,
                WorkersLate = 1,
                SmsBufferSize = null,
                SmsBufferAgeSeconds = 7,
                SmsBufferStatus = BufferLevel.Full,
                Providers = new Dictionary<string, BreakerLevel> { ["main-1"] = BreakerLevel.Open },
            },
        };
        const string components =
            """
            {"database":"Unhealthy","redis":"Healthy","accept_gate":"Closed","workers":2,"workers_expected":3,"workers_late":1,"sms_buffer_size":null,"sms_buffer_age_seconds":7,"sms_buffer_status":"Full",
            """;
        const string providers = "\"providers\":{\"main-1\":\"Open\"}}";
        Assert.Equal($$"""{"status":"Degraded","components":{{components}}{{providers}}}""", JsonSerializer.Serialize(view, ApiJson.Answers.HealthView));
    }
}
