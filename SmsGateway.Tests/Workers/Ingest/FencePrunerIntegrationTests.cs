using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

using SmsGateway.Tests.Fixtures;
using SmsGateway.Workers.Ingest;

namespace SmsGateway.Tests.Workers.Ingest;

[Collection(InfrastructureCollection.Name)]
public sealed class FencePrunerIntegrationTests(Infrastructure infrastructure)
{
    [Fact]
    public async Task Prune_deletes_only_what_is_older_than_the_retention()
    {
        await using var stores = await infrastructure.NewStoresAsync();
        foreach (int days in (int[])[1, 6, 8, 30])
        {
            await stores.ExecuteAsync(
                "INSERT INTO ingest_claims VALUES (gen_random_uuid(), 0, 1, 'w', 1, '{}', '{}', $1)", TestClock.Start.AddDays(-days));
        }

        int pruned = await new FencePruner(
            stores.Database, Options.Create(new IngestOptions()), stores.Clock, NullLogger<FencePruner>.Instance).PruneAsync(default);

        Assert.Equal(2, pruned);
        Assert.Equal(2, await stores.ScalarAsync<long>("SELECT count(*) FROM ingest_claims"));
    }
}
