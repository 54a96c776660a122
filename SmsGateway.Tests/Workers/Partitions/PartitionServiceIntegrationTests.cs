using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

using SmsGateway.Core.Schema;
using SmsGateway.Tests.Fixtures;
using SmsGateway.Workers.Partitions;

using SchemaPartitions = SmsGateway.Core.Schema.Partitions;

namespace SmsGateway.Tests.Workers.Partitions;

/// <summary>The stores begin with one partition, of January 2026, whose last minute it is (<see cref="TestClock.Start"/>).</summary>
[Collection(InfrastructureCollection.Name)]
public sealed class PartitionServiceIntegrationTests(Infrastructure infrastructure) : IAsyncLifetime
{
    private Stores _stores = null!;

    public async Task InitializeAsync() => _stores = await infrastructure.NewStoresAsync();

    public async Task DisposeAsync() => await _stores.DisposeAsync();

    [Fact]
    public async Task Round_as_months_roll_over_keeps_partitions_ahead()
    {
        var service = NewService(new() { Ahead = TimeSpan.FromDays(31) });

        await service.RunRoundAsync(default);
        Assert.Equal(["sms_messages_y2026m01", "sms_messages_y2026m02", "sms_messages_y2026m03"], await NamesAsync());
        _stores.Clock.Advance(TimeSpan.FromMinutes(2));
        await service.RunRoundAsync(default);
        Assert.Equal(3, (await NamesAsync()).Length);
        _stores.Clock.Advance(TimeSpan.FromDays(31));
        await service.RunRoundAsync(default);
        Assert.Equal("sms_messages_y2026m04", (await NamesAsync())[^1]);
    }

    [Fact]
    public async Task Provision_by_many_workers_at_once_makes_each_partition_once()
    {
        var made = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(
            () => NewService(new() { Interval = PartitionInterval.Day, Ahead = TimeSpan.FromDays(10) }).ProvisionAsync(default))));

        Assert.Equal(10, made.Sum(names => names.Count));
        Assert.Equal(11, (await NamesAsync()).Length);
    }

    [Theory]
    [InlineData(PartitionInterval.Month, PartitionInterval.Day)]
    [InlineData(PartitionInterval.Day, PartitionInterval.Month)]
    [InlineData(PartitionInterval.Day, PartitionInterval.Year)]
    [InlineData(PartitionInterval.Year, PartitionInterval.Day)]
    [InlineData(PartitionInterval.Month, PartitionInterval.Year)]
    [InlineData(PartitionInterval.Year, PartitionInterval.Month)]
    public async Task Ensure_after_the_interval_was_changed_fills_the_gaps(PartitionInterval before, PartitionInterval after)
    {
        var start = new DateTimeOffset(2027, 12, 20, 6, 0, 0, TimeSpan.Zero);
        await SchemaPartitions.EnsureAsync(_stores.Database, before, start, start.AddDays(2));
        // Beyond a gap of that interval, so that there is something on either side of it.
        await SchemaPartitions.EnsureAsync(_stores.Database, before, start.AddDays(20), start.AddDays(20));

        await SchemaPartitions.EnsureAsync(_stores.Database, after, start.AddDays(-12), start.AddDays(25));

        // Without a gap and without an overlap: each begins where the one before ends.
        Assert.Equal(0, await _stores.ScalarAsync<long>(
            """
            SELECT count(*) FROM (SELECT starts_at, lag(ends_at) OVER (ORDER BY starts_at) AS before FROM sms_partitions WHERE ends_at > $1) AS p
             WHERE before IS NOT NULL AND starts_at <> before
            """, start.AddDays(-12)));
        Assert.Empty(await SchemaPartitions.EnsureAsync(_stores.Database, after, start.AddDays(-12), start.AddDays(25)));
        Assert.Empty(await SchemaPartitions.EnsureAsync(_stores.Database, before, start.AddDays(-12), start.AddDays(20)));
    }

    private PartitionService NewService(PartitionsOptions options) =>
        new(_stores.Database, _stores.NewRetention(options), Options.Create(options), _stores.Clock, NullLogger<PartitionService>.Instance);

    private async Task<string[]> NamesAsync() => await _stores.ScalarAsync<string[]>("SELECT array_agg(name ORDER BY starts_at) FROM sms_partitions");
}
