using Microsoft.Extensions.Options;

using SmsGateway.Core.Settings;

namespace SmsGateway.Api.Messages;

/// <summary>How numbers are read: section <c>Numbers</c>.</summary>
internal sealed class NumbersOptions
{
    public const string Section = "Numbers";

    /// <summary>Country code of national numbers, such as <c>44</c>; without it only E.164 is taken.</summary>
    [AllowedPattern("[1-9][0-9]{0,2}", "1 to 3 digits of which the first is not 0")]
    public string? DefaultCountryCode { get; set; }

    /// <summary>What national numbers begin with in that country and lose abroad; empty: nothing.</summary>
    [AllowedPattern("[0-9]{0,3}", "0 to 3 digits")]
    public string TrunkPrefix { get; set; } = "0";
}

[OptionsValidator]
internal sealed partial class NumbersOptionsValidator : IValidateOptions<NumbersOptions>;
