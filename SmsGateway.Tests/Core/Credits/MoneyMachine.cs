using SmsGateway.Core.Credits;
using SmsGateway.Core.Messages;
using SmsGateway.Tests.Fixtures;
using SmsGateway.Workers.Ingest;
using SmsGateway.Workers.Status;

namespace SmsGateway.Tests.Core.Credits;

/// <summary>
/// What can happen to money. Every statement and every script call of a procedure is a step of its own, so that a process may stop after any
/// of them: then the steps that would follow never come, or come much later from a process that was only paused.
/// </summary>
internal enum MoneyStep
{
    Accept, AcceptScheduled, AcceptAgain, Cancel,
    ClaimIngest, LandIngest, ProcessIngest,
    ClaimDispatch, EndDispatch, EndDispatchAgain,
    ClaimStatus, WriteStatus, ProcessStatus,
    AddTopUpRow, TopUp, Give, Take, TakeFromRedis, WriteTaken, CompleteTaken, CompleteLost, AdjustAgain,
    SyncAll, SyncDatabase, SyncRedis, ReadSums, ApplySums,
    LoseBalance, Load, BeginLoad, FinishLoad, ExpireLoadLock,
    Recover, LoseRedis,
}

/// <summary>A step, and two numbers that choose what it is done to.</summary>
internal readonly record struct MoneyMove(MoneyStep Step, int Which, int Amount);

/// <summary>Makes the moves on real stores and in the model, and looks after every move whether Redis and database agree.</summary>
internal sealed class MoneyMachine(Stores stores, IReadOnlyList<long> accounts)
{
    private const int ClaimSize = 3;

    private readonly MoneyModel _model = new();
    private readonly Adjuster _adjuster = stores.NewAdjuster();
    private readonly IngestTransaction _ingestTransaction = stores.NewIngestTransaction();
    private readonly Ingester _ingester = stores.NewIngester(stores.NewWorker());
    private readonly StatusFlush _flush = stores.NewStatusFlush(stores.NewWorker());
    private readonly List<QueuedMessage> _accepted = [];
    private readonly List<Guid> _dispatched = [];
    private readonly List<(Guid Id, MessageState State)> _ended = [];
    private readonly List<IngestClaim> _ingestClaims = [];
    private readonly List<OutcomeBatch> _statusClaims = [];
    private readonly List<Adjustment> _taken = [];
    private readonly List<Adjustment> _lost = [];
    private readonly List<CreditSync.Sum> _sums = [];
    private readonly List<(long UserId, string Token, DatabaseMoney Money)> _loads = [];

    public async Task RunAsync(IEnumerable<MoneyMove> moves)
    {
        foreach (long userId in accounts)
        {
            _model.Open(userId);
        }

        foreach (var move in moves)
        {
            await MakeAsync(move);
            await AssertAgreementAsync(move);
        }

        await SettleAsync();
        await stores.AssertSettledAsync(_model.Balances);
    }

    private Task MakeAsync(MoneyMove move)
    {
        long userId = accounts[move.Which % accounts.Count];
        return move.Step switch
        {
            MoneyStep.Accept => AcceptAsync(stores.NewMessage(userId, 1 + (move.Amount / 4))),
            MoneyStep.AcceptScheduled => AcceptAsync(stores.NewMessage(userId, 1 + (move.Amount / 4), Priority.Express, TestClock.Start.AddDays(1))),
            MoneyStep.AcceptAgain => OnAsync(_accepted, move, AcceptAgainAsync),
            MoneyStep.Cancel => OnAsync(_accepted, move, CancelAsync),
            MoneyStep.ClaimIngest => AddAsync(_ingestClaims, _ingester.ClaimAsync(stores.Keys, Guid.CreateVersion7(), ClaimSize)),
            MoneyStep.LandIngest => OnAsync(_ingestClaims, move, claim => _ingestTransaction.LandAsync(claim, 0, "stopped", default)),
            MoneyStep.ProcessIngest => OnAsync(_ingestClaims, move, claim => _ingester.ProcessAsync(stores.Keys, claim, default)),
            MoneyStep.ClaimDispatch => ClaimDispatchAsync(),
            MoneyStep.EndDispatch => OnAsync(_dispatched, move, id => EndAsync(id, move.Amount)),
            MoneyStep.EndDispatchAgain => OnAsync(_ended, move, ended => stores.CompleteDispatchAsync(ended.Id, ended.State)),
            MoneyStep.ClaimStatus => AddAsync(_statusClaims, _flush.ClaimAsync(stores.Keys, Guid.CreateVersion7(), ClaimSize)),
            MoneyStep.WriteStatus => OnAsync(_statusClaims, move, batch => new StatusTransaction(stores.Database).WriteAsync(batch.Messages, new(), default)),
            MoneyStep.ProcessStatus => OnAsync(_statusClaims, move, batch => _flush.ProcessAsync(stores.Keys, batch, default)),
            MoneyStep.AddTopUpRow => TopUpAsync(userId, 1 + move.Amount, stores.AddTopUpRowAsync),
            MoneyStep.TopUp => TopUpAsync(userId, 1 + move.Amount, stores.TopUpAsync),
            MoneyStep.SyncAll => stores.Sync.SyncAllAsync(default),
            MoneyStep.SyncDatabase => stores.Sync.ApplyToDatabaseAsync([userId], CreditSync.LockWait.Wait, default),
            MoneyStep.SyncRedis => stores.Sync.ReflectAsync([.. accounts], default),
            MoneyStep.ReadSums => ReadSumsAsync(),
            MoneyStep.ApplySums => OnAsync(_sums, move, stores.Sync.ApplyToRedisAsync),
            MoneyStep.Recover => stores.RecoverAsync(),
            MoneyStep.LoseRedis => LoseRedisAsync(),
            >= MoneyStep.Give and <= MoneyStep.AdjustAgain => AdjustAsync(move, userId),
            _ => LoadAsync(move, userId),
        };
    }

    private Task AdjustAsync(MoneyMove move, long userId)
    {
        var adjustment = new Adjustment(userId, -1 - (move.Amount / 4), Guid.CreateVersion7().ToString(), "property");
        return move.Step switch
        {
            MoneyStep.Give => AdjustAsync(adjustment with { Units = 1 + move.Amount }),
            MoneyStep.Take => AdjustAsync(adjustment),
            MoneyStep.TakeFromRedis => TakeFromRedisAsync(adjustment),
            MoneyStep.WriteTaken => OnAsync(_taken, move, taken => _adjuster.WriteAsync(taken, default)),
            MoneyStep.CompleteTaken => OnAsync(_taken, move, taken => _adjuster.CompleteAsync(taken, default)),
            MoneyStep.CompleteLost => OnAsync(_lost, move, taken => _adjuster.CompleteAsync(taken, default)),
            _ => OnAsync(_taken, move, taken => AssertDoneAsync(taken, CreditResult.Written, CreditResult.WrittenBefore)),
        };
    }

    private Task LoadAsync(MoneyMove move, long userId) => move.Step switch
    {
        MoneyStep.LoseBalance => stores.Redis.KeyDeleteAsync(stores.Keys.UserBalance(userId)),
        MoneyStep.Load => stores.Loader.LoadAsync(userId, default),
        MoneyStep.BeginLoad => BeginLoadAsync(userId),
        MoneyStep.FinishLoad => OnAsync(_loads, move, load => stores.Loader.FinishAsync(load.UserId, load.Token, load.Money)),
        MoneyStep.ExpireLoadLock => stores.Redis.KeyDeleteAsync(stores.Keys.BalanceLoad(userId)),
        _ => throw new ArgumentOutOfRangeException(nameof(move), move, "no such step"),
    };

    private async Task AcceptAsync(QueuedMessage message)
    {
        string requestId = message.Id.ToString();
        if ((await stores.AcceptAsync(message with { RequestId = requestId, RequestFingerprint = "f" }, requestId)).Code == 1)
        {
            _model.Charge(message);
            _accepted.Add(message);
        }
    }

    private async Task AcceptAgainAsync(QueuedMessage message) =>
        Assert.Equal(2, (await stores.AcceptAsync(stores.NewMessage(message.UserId), message.Id.ToString())).Code);

    private async Task CancelAsync(QueuedMessage message)
    {
        if (await stores.CancelAsync(message) == 1)
        {
            _model.Refund(message.Id);
        }
    }

    private async Task ClaimDispatchAsync() => _dispatched.AddRange(await stores.ClaimDispatchAsync(ClaimSize));

    private async Task EndAsync(Guid id, int choice)
    {
        var state = (choice % 4) switch
        {
            0 => MessageState.Failed,
            1 => MessageState.Expired,
            2 => MessageState.Sent,
            _ => MessageState.Delivered,
        };
        await stores.CompleteDispatchAsync(id, state);
        if (state.IsRefunded())
        {
            _model.Refund(id);
        }
        else
        {
            _model.Keep(id);
        }

        _dispatched.Remove(id);
        _ended.Add((id, state));
    }

    private async Task TopUpAsync(long userId, long units, Func<long, long, Task> topUp)
    {
        await topUp(userId, units);
        _model.Add(userId, units);
    }

    private async Task AdjustAsync(Adjustment adjustment)
    {
        var keys = stores.Keys;
        if (adjustment.Units < 0 && !await stores.Redis.KeyExistsAsync(keys.UserBalance(adjustment.UserId)))
        {
            // It would wait for the balance, which only later moves make loadable.
            return;
        }

        if (await AssertDoneAsync(adjustment, CreditResult.Written, CreditResult.BalanceTooLow) == CreditResult.Written)
        {
            _model.Add(adjustment.UserId, adjustment.Units);
            if (adjustment.Units < 0)
            {
                _taken.Add(adjustment);
            }
        }
    }

    private async Task TakeFromRedisAsync(Adjustment adjustment)
    {
        var finished = await _adjuster.ReadFinishedAsync(adjustment.UserId);
        adjustment = adjustment with { Epoch = await _adjuster.ReadEpochAsync(stores.Keys, default) };
        if ((await _adjuster.BeginAsync(adjustment, finished)).Code == Adjuster.BeginCode.Taken)
        {
            _model.Add(adjustment.UserId, adjustment.Units);
            _taken.Add(adjustment);
        }
    }

    private async Task<CreditResult> AssertDoneAsync(Adjustment adjustment, params CreditResult[] expected)
    {
        var result = await _adjuster.AdjustAsync(
            new(adjustment.UserId, LedgerKinds.Adjustment, new(adjustment.Units), adjustment.Reference, adjustment.Description), default);
        Assert.Contains(result, expected);
        return result;
    }

    /// <summary>
    /// Redis is emptied and rebuilt. What it alone knew is lost, and the model takes what the database knows; processes that hold claims, sums, loads
    /// and adjustments of the Redis of before were only paused, and go on.
    /// </summary>
    private async Task LoseRedisAsync()
    {
        await stores.Redis.ExecuteAsync("FLUSHDB");
        await stores.OpenEpochAsync();
        _statusClaims.Clear();
        _dispatched.Clear();
        _ended.Clear();
        foreach (var message in _accepted.ToList())
        {
            string state = await stores.ScalarAsync<string>("SELECT coalesce((SELECT state::text FROM sms_messages WHERE id = $1), '')", message.Id);
            if (state.Length == 0)
            {
                _model.Lose(message);
                _accepted.Remove(message);
            }
            else if (state == MessageState.Queued.Name())
            {
                _model.Reopen(message);
            }
        }

        foreach (var taken in _taken.ToList())
        {
            if (await stores.ScalarAsync<long>("SELECT count(*) FROM credit_ledger WHERE reference = $1", taken.Reference) == 0)
            {
                _model.Add(taken.UserId, -taken.Units);
                _lost.Add(taken);
                _taken.Remove(taken);
            }
        }
    }

    private async Task ReadSumsAsync() => _sums.AddRange(await stores.Sync.ReadSumsAsync([.. accounts], default));

    private async Task BeginLoadAsync(long userId)
    {
        string token = Guid.CreateVersion7().ToString();
        if (await stores.Loader.BeginAsync(userId, token) == BalanceLoader.BeginCode.Begun)
        {
            _loads.Add((userId, token, (await stores.NewReader().ReadDatabaseAsync(userId, MoneyReader.Latest, default))!.Value));
        }
    }

    /// <summary>What must hold after every move, not only in the end.</summary>
    private async Task AssertAgreementAsync(MoneyMove move)
    {
        foreach (var account in (await stores.NewReconciliation().ReadBatchAsync(0, accounts.Count, default)).Loaded)
        {
            Assert.False(account.Drifts, $"after {move}: {account} drifts by {account.BalanceDrift}, pending by {account.PendingDrift}");
            Assert.True(
                account.Redis.Balance <= _model.Balances[account.UserId],
                $"after {move}: {account} can spend more than the {_model.Balances[account.UserId]} that it has");
        }
    }

    /// <summary>Whoever is left recovers what the stopped have left, and everything is sent.</summary>
    private async Task SettleAsync()
    {
        await stores.RecoverAsync();
        await stores.IngestAsync();
        await ClaimDispatchAsync();
        while (_dispatched.Count > 0)
        {
            await EndAsync(_dispatched[0], _dispatched.Count);
            await ClaimDispatchAsync();
        }

        await stores.DrainAsync(accounts);
    }

    private static Task OnAsync<T>(List<T> list, MoneyMove move, Func<T, Task> action) =>
        list.Count == 0 ? Task.CompletedTask : action(list[move.Which % list.Count]);

    private static async Task AddAsync<T>(List<T> list, Task<T?> claim)
        where T : class
    {
        if (await claim is { } made)
        {
            list.Add(made);
        }
    }
}
