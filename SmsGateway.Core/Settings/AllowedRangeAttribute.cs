using System.ComponentModel.DataAnnotations;

namespace SmsGateway.Core.Settings;

/// <summary>A range whose error names the setting, the value found and what is allowed. Not for secrets.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class AllowedRangeAttribute : RangeAttribute
{
    public AllowedRangeAttribute(int minimum, int maximum)
        : base(minimum, maximum)
    {
    }

    public AllowedRangeAttribute(double minimum, double maximum)
        : base(minimum, maximum)
    {
    }

    /// <summary>For types such as <see cref="TimeSpan"/> and <see cref="long"/>; the limits in invariant form.</summary>
    public AllowedRangeAttribute(Type type, string minimum, string maximum)
        : base(type, minimum, maximum)
    {
        ParseLimitsInInvariantCulture = true;
    }

    protected override ValidationResult? IsValid(object? value, ValidationContext validationContext) =>
        IsValid(value) ? ValidationResult.Success : new($"{SettingName.Of(validationContext)} is {value}; allowed: {Minimum} to {Maximum}");
}
