using FsCheck;
using FsCheck.Fluent;

using Microsoft.FSharp.Core;

using SmsGateway.Tests.Fixtures;

using Xunit.Abstractions;

namespace SmsGateway.Tests.Core.Credits;

/// <summary>Any order of moves, any process stopping after any of its steps: money agrees after every move and is exact in the end.</summary>
[Collection(InfrastructureCollection.Name)]
public sealed class MoneyPropertyIntegrationTests(Infrastructure infrastructure, ITestOutputHelper output)
{
    private const int Runs = 80;
    private const int MaxMoves = 100;

    /// <summary>Set to the printed seed to repeat a run.</summary>
    private const string SeedVariable = "MONEY_SEED";

    /// <summary>Every step, and those more often without which there is nothing for the others to be done to.</summary>
    private static readonly MoneyStep[] Steps =
    [
        .. Enum.GetValues<MoneyStep>(),
        .. Enumerable.Repeat(MoneyStep.Accept, 8), .. Enumerable.Repeat(MoneyStep.Load, 4), .. Enumerable.Repeat(MoneyStep.TopUp, 3),
        .. Enumerable.Repeat(MoneyStep.LoseBalance, 3), .. Enumerable.Repeat(MoneyStep.TakeFromRedis, 2),
    ];

    private static readonly Gen<MoneyMove> Moves =
        from step in Gen.Elements(Steps)
        from which in Gen.Choose(0, 20)
        from amount in Gen.Choose(0, 99)
        select new MoneyMove(step, which, amount);

    private static readonly Gen<MoneyMove[]> Lists =
        from count in Gen.Choose(1, MaxMoves)
        from moves in Moves.ArrayOf(count)
        select moves;

    [Fact]
    public async Task Money_any_interleaving_and_any_stop_is_exact()
    {
        await using var stores = await infrastructure.NewStoresAsync();
        ulong seed = Environment.GetEnvironmentVariable(SeedVariable) is { Length: > 0 } text
            ? ulong.Parse(text, System.Globalization.CultureInfo.InvariantCulture)
            : (ulong)TimeProvider.System.GetTimestamp();
        output.WriteLine($"{SeedVariable}={seed}");
        var config = Config.QuickThrowOnFailure.WithMaxTest(Runs).WithReplay(
            FSharpOption<Replay>.Some(new Replay(new Rnd(seed), FSharpOption<int>.None)));

        Check.One(config, Prop.ForAll(Arb.From(Lists, Shorter), moves => RunAsync(stores, moves).GetAwaiter().GetResult()));
    }

    private static async Task RunAsync(Stores stores, MoneyMove[] moves)
    {
        await stores.Redis.ExecuteAsync("FLUSHDB");
        await stores.ExecuteAsync("TRUNCATE accounts, sms_messages, ingest_claims, redis_epochs CASCADE");
        await stores.OpenEpochAsync();
        long[] accounts = [await stores.NewAccountAsync(0), await stores.NewAccountAsync(0)];

        await new MoneyMachine(stores, accounts).RunAsync(moves);
    }

    /// <summary>The same moves without some: halves first, single moves last.</summary>
    private static IEnumerable<MoneyMove[]> Shorter(MoneyMove[] moves)
    {
        for (int size = moves.Length / 2; size > 0; size /= 2)
        {
            for (int start = 0; start + size <= moves.Length; start += size)
            {
                yield return [.. moves[..start], .. moves[(start + size)..]];
            }
        }
    }
}
