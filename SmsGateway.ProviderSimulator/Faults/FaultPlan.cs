namespace SmsGateway.ProviderSimulator.Faults;

/// <summary>All that is drawn for one message.</summary>
internal readonly record struct Fate(
    AnswerFault Answer, int RefusalCode, TimeSpan Latency, ReceiptFaults Receipts, TimeSpan SentAfter, TimeSpan FinalAfter);

/// <summary>One set of <see cref="FaultOptions"/> with its dice. Changed options make a new plan, so the draws start anew.</summary>
internal sealed class FaultPlan
{
    private readonly Lock _dice = new();
    private readonly Random _random;
    private readonly AnswerLadder _answers;
    private readonly NumberRule[] _rules;

    public FaultPlan(FaultOptions options)
    {
        Options = options;
        _random = new Random(options.Seed);
        _answers = new AnswerLadder(options.Answers);
        // The sort is stable: of two equal prefixes the configured one goes before the built-in one.
        _rules = [.. options.Numbers.Concat(MagicNumbers.Rules).OrderByDescending(rule => rule.Prefix.Length)];
    }

    public FaultOptions Options { get; }

    /// <summary>
    /// Draws for the next message. Every message takes the same count of numbers from the generator, whatever it meets and
    /// whichever rule applies, so that the n-th message of a run depends upon the seed and n only.
    /// </summary>
    public Fate Draw(string to)
    {
        Span<double> draws = stackalloc double[9];
        lock (_dice)
        {
            foreach (ref var draw in draws)
            {
                draw = _random.NextDouble();
            }
        }

        var receipts = Options.Receipts;
        var latency = Options.LatencyMin + ((Options.LatencyMax - Options.LatencyMin) * draws[1]);
        var jitter = receipts.Jitter * draws[2];
        var rule = FindRule(to);
        return new Fate(
            rule?.Answer ?? _answers.Pick(draws[0]),
            rule?.RefusalCode ?? Options.Answers.RefusalCode,
            latency,
            rule?.Receipts ?? PickReceipts(receipts, draws[3..]),
            receipts.SentAfter + jitter,
            receipts.FinalAfter + jitter);
    }

    private static ReceiptFaults PickReceipts(ReceiptShares shares, ReadOnlySpan<double> draws)
    {
        var outcome = draws[0] < shares.Failed ? ReceiptFaults.Failed
            : draws[0] < shares.Failed + shares.Undelivered ? ReceiptFaults.Undelivered
            : ReceiptFaults.None;
        return outcome
            | If(draws[1] < shares.Lost, ReceiptFaults.SentLost)
            | If(draws[2] < shares.Lost, ReceiptFaults.FinalLost)
            | If(draws[3] < shares.Duplicated, ReceiptFaults.SentTwice)
            | If(draws[4] < shares.Duplicated, ReceiptFaults.FinalTwice)
            | If(draws[5] < shares.OutOfOrder, ReceiptFaults.FinalFirst);

        static ReceiptFaults If(bool drawn, ReceiptFaults fault) => drawn ? fault : ReceiptFaults.None;
    }

    private NumberRule? FindRule(string to)
    {
        foreach (var rule in _rules)
        {
            if (to.StartsWith(rule.Prefix, StringComparison.Ordinal))
            {
                return rule;
            }
        }

        return null;
    }
}

/// <summary>The plan in force. Written by the control API, read by every request.</summary>
internal sealed class FaultSwitch(FaultOptions options)
{
    private volatile FaultPlan _plan = new(options);

    public FaultPlan Plan => _plan;

    public void Change(FaultOptions options) => _plan = new FaultPlan(options);
}
