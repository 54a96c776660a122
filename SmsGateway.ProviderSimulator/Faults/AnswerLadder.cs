namespace SmsGateway.ProviderSimulator.Faults;

/// <summary>The shares of the answers laid end to end on [0, 1), so that one draw picks one fault.</summary>
internal sealed class AnswerLadder
{
    private readonly (AnswerFault Fault, double Below)[] _steps;

    public AnswerLadder(AnswerShares shares)
    {
        var below = 0d;
        _steps = [.. Shares(shares).Where(step => step.Share > 0).Select(step => (step.Fault, below += step.Share))];
    }

    public static IEnumerable<(AnswerFault Fault, double Share)> Shares(AnswerShares shares) =>
    [
        (AnswerFault.TooManyRequests, shares.TooManyRequests),
        (AnswerFault.ServerError, shares.ServerError),
        (AnswerFault.Unavailable, shares.Unavailable),
        (AnswerFault.Refusal, shares.Refusal),
        (AnswerFault.ResetBeforeAccept, shares.ResetBeforeAccept),
        (AnswerFault.ResetAfterAccept, shares.ResetAfterAccept),
        (AnswerFault.HalfAnswer, shares.HalfAnswer),
        (AnswerFault.WrongJson, shares.WrongJson),
        (AnswerFault.HangBeforeAccept, shares.HangBeforeAccept),
        (AnswerFault.HangAfterAccept, shares.HangAfterAccept),
    ];

    public AnswerFault Pick(double draw)
    {
        foreach (var (fault, below) in _steps)
        {
            if (draw < below)
            {
                return fault;
            }
        }

        return AnswerFault.None;
    }
}
