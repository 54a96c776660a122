using System.Globalization;
using Microsoft.Extensions.Options;

namespace SmsGateway.ProviderSimulator.Faults;

/// <summary>The ranges declared on the properties.</summary>
[OptionsValidator]
internal sealed partial class FaultOptionsRangeValidator : IValidateOptions<FaultOptions>;

/// <summary>What holds between properties.</summary>
internal sealed class FaultOptionsCrossValidator : IValidateOptions<FaultOptions>
{
    public ValidateOptionsResult Validate(string? name, FaultOptions options)
    {
        var result = new ValidateOptionsResultBuilder();
        if (options.LatencyMin > options.LatencyMax)
        {
            result.AddError($"LatencyMin {options.LatencyMin} is above LatencyMax {options.LatencyMax}");
        }

        if (options.Receipts.SentAfter > options.Receipts.FinalAfter)
        {
            result.AddError(
                $"Receipts:SentAfter {options.Receipts.SentAfter} is above Receipts:FinalAfter {options.Receipts.FinalAfter}");
        }

        // The tolerance lets ten shares of 0.1 pass.
        var answers = AnswerLadder.Shares(options.Answers).Sum(step => step.Share);
        if (answers > 1 + 1e-9)
        {
            result.AddError(string.Create(CultureInfo.InvariantCulture, $"the shares in Answers add up to {answers}, above 1"));
        }

        var outcomes = options.Receipts.Undelivered + options.Receipts.Failed;
        if (outcomes > 1 + 1e-9)
        {
            result.AddError(string.Create(CultureInfo.InvariantCulture,
                $"Receipts:Undelivered {options.Receipts.Undelivered} and Receipts:Failed {options.Receipts.Failed} add up to above 1"));
        }

        return result.Build();
    }
}
