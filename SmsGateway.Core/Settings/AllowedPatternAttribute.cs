using System.ComponentModel.DataAnnotations;

namespace SmsGateway.Core.Settings;

/// <summary>A pattern whose error names the setting, the value found and what is allowed, in words. Not for secrets.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class AllowedPatternAttribute(string pattern, string allowed) : RegularExpressionAttribute(pattern)
{
    /// <summary>What is allowed, in words.</summary>
    public string Allowed { get; } = allowed;

    protected override ValidationResult? IsValid(object? value, ValidationContext validationContext) =>
        IsValid(value) ? ValidationResult.Success : new($"{SettingName.Of(validationContext)} is '{value}'; allowed: {Allowed}");
}
