using SmsGateway.Api.Health;
using SmsGateway.Core.Providers;

namespace SmsGateway.Tests.Api.Health;

/// <summary>What a look at the parts makes of the whole.</summary>
public sealed class HealthReporterUnitTests
{
    private const int BacklogLimit = 1_000;

    private static readonly DateTimeOffset Now = new(2026, 1, 31, 12, 0, 0, TimeSpan.Zero);
    private static readonly HealthOptions Options = new() { Workers = 2 };

    private static readonly RedisLook Sound = new(
        IsOpen: true, Backlog: 10, Buffered: 5, OldestBuffered: Now.AddSeconds(-1), Workers: 2, LateWorkers: 0,
        new Dictionary<string, BreakerLevel> { ["main"] = BreakerLevel.Closed });

    [Fact]
    public void View_of_a_sound_gateway_is_Healthy() => Assert.Equal(HealthLevel.Healthy, View(Sound).Status);

    [Fact]
    public void View_without_Redis_is_Unhealthy() => Assert.Equal(HealthLevel.Unhealthy, View(null).Status);

    [Fact]
    public void View_without_the_database_is_Degraded_for_messages_are_accepted() =>
        Assert.Equal(HealthLevel.Degraded, View(Sound, DatabaseLook.Unusable).Status);

    [Fact]
    public void View_of_a_schema_that_is_too_old_is_Unhealthy_for_this_version_cannot_serve() =>
        Assert.Equal(HealthLevel.Unhealthy, View(Sound, DatabaseLook.Outdated).Status);

    [Fact]
    public void View_with_a_worker_missing_or_late_is_Degraded()
    {
        Assert.Equal(HealthLevel.Degraded, View(Sound with { Workers = 1 }).Status);
        Assert.Equal(HealthLevel.Degraded, View(Sound with { LateWorkers = 1 }).Status);
    }

    [Fact]
    public void View_with_an_open_breaker_is_Degraded_and_with_one_that_waits_for_a_message_it_is_not()
    {
        Assert.Equal(HealthLevel.Degraded, View(With(BreakerLevel.Open)).Status);
        Assert.Equal(HealthLevel.Healthy, View(With(BreakerLevel.HalfOpen)).Status);

        static RedisLook With(BreakerLevel level) => Sound with { Breakers = new Dictionary<string, BreakerLevel> { ["main"] = level } };
    }

    [Fact]
    public void View_of_a_closed_gate_is_Degraded() => Assert.Equal(HealthLevel.Degraded, View(Sound with { IsOpen = false }).Status);

    [Theory]
    [InlineData(799, 0, nameof(BufferLevel.Healthy))]
    [InlineData(800, 0, nameof(BufferLevel.Degraded))]
    [InlineData(1_000, 0, nameof(BufferLevel.Full))]
    [InlineData(1, 30, nameof(BufferLevel.Healthy))]
    [InlineData(1, 31, nameof(BufferLevel.Degraded))]
    public void View_of_a_buffer_tells_how_full_and_how_old_it_is(long backlog, int age, string level)
    {
        var view = View(Sound with { Backlog = backlog, OldestBuffered = Now.AddSeconds(-age) });

        Assert.Equal(level, view.Components.SmsBufferStatus.ToString());
        Assert.Equal(age, view.Components.SmsBufferAgeSeconds);
        Assert.Equal(level == nameof(BufferLevel.Healthy) ? HealthLevel.Healthy : HealthLevel.Degraded, view.Status);
    }

    private static HealthView View(RedisLook? redis, DatabaseLook database = DatabaseLook.Usable) =>
        HealthReporter.View(redis, database, BacklogLimit, Options, Now);
}
