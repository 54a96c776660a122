using SmsGateway.Api.Credits;
using SmsGateway.Api.Lists;
using SmsGateway.Tests.Fixtures;

namespace SmsGateway.Tests.Api.Credits;

[Collection(InfrastructureCollection.Name)]
public sealed class LedgerStoreIntegrationTests(Infrastructure infrastructure) : IAsyncLifetime
{
    private const int Rows = 25;
    private const int Limit = 10;

    private Stores _stores = null!;
    private LedgerStore _ledger = null!;
    private long _userId;

    public async Task InitializeAsync()
    {
        _stores = await infrastructure.NewStoresAsync();
        _userId = await _stores.NewAccountAsync(0);
        long other = await _stores.NewAccountAsync(0);
        _ledger = new(_stores.Database);

        // Of two accounts in turn, a row an hour, usage and top-ups in turn.
        await _stores.ExecuteAsync(
            """
            INSERT INTO credit_ledger (user_id, kind, amount, reference, created_at)
            SELECT u, CASE WHEN n % 2 = 0 THEN 'usage' ELSE 'topup' END, CASE WHEN n % 2 = 0 THEN -n ELSE n END, n::text, $3 + n * interval '1 hour'
              FROM generate_series(1, 25) AS g(n), unnest(ARRAY[$1, $2]) AS u ORDER BY g.n
            """, _userId, other, TestClock.Start);
    }

    public async Task DisposeAsync() => await _stores.DisposeAsync();

    [Fact]
    public async Task List_page_by_page_and_back_shows_every_row_once_newest_first()
    {
        var all = new List<TransactionView>();
        ListCursor<long>? cursor = null;
        do
        {
            var page = Page.Of(await ListAsync(Filter(), cursor), Limit, cursor?.Direction);
            all.AddRange(page.Items);
            cursor = page.HasOlder ? new(PageDirection.Older, page.Items[^1].Id) : null;
        }
        while (cursor is not null);

        Assert.Equal(Enumerable.Range(1, Rows).Reverse().Select(n => $"{n}"), all.Select(row => row.Reference));

        var back = Page.Of(await ListAsync(Filter(), new(PageDirection.Newer, all[20].Id)), Limit, PageDirection.Newer);
        Assert.Equal(all[10..20], back.Items);
        Assert.True(back is { HasNewer: true, HasOlder: true });
    }

    [Fact]
    public async Task List_kind_and_time_filter_what_is_shown()
    {
        var usage = await ListAsync(Filter() with { Kind = "usage", From = TestClock.Start.AddHours(4), To = TestClock.Start.AddHours(8) }, null);

        Assert.Equal(["6", "4"], usage.Select(row => row.Reference));
        Assert.All(usage, row => Assert.True(row is { Kind: "usage", Amount.Units: < 0 }));
    }

    private TransactionFilter Filter() => new(_userId, TestClock.Start, TestClock.Start.AddDays(30), null);

    private Task<List<TransactionView>> ListAsync(TransactionFilter filter, ListCursor<long>? cursor) =>
        _ledger.ListAsync(filter, cursor, Limit + 1, default);
}
