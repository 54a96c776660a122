using System.Reflection;
using System.Text.RegularExpressions;

using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;

namespace SmsGateway.Core.Settings;

/// <summary>
/// Reads a section into options. A value that is not of its type (a duration of "tomorrow") is refused as one out of range is; the framework's own
/// exception would end the program with a stack trace that hides it. No secret can fail so, for they are texts.
/// </summary>
internal static partial class SettingReader
{
    public static void Read<TOptions>(IConfiguration section, TOptions options)
        where TOptions : class
    {
        try
        {
            section.Bind(options);
        }
        catch (InvalidOperationException wrong) when (Conversion().Match(wrong.Message) is { Success: true } found)
        {
            string path = found.Groups["path"].Value;
            var property = typeof(TOptions).GetProperty(path[(path.LastIndexOf(':') + 1)..], BindingFlags.IgnoreCase | BindingFlags.Public | BindingFlags.Instance);
            string allowed = property?.GetCustomAttribute<AllowedRangeAttribute>() is { } range
                ? $"{range.Minimum} to {range.Maximum}"
                : $"what reads as {found.Groups["type"].Value}";
            throw new OptionsValidationException(
                Options.DefaultName, typeof(TOptions), [$"{path} is {found.Groups["value"].Value}; allowed: {allowed}"]);
        }
    }

    /// <summary>What the binder says: it has no exception with these as members.</summary>
    [GeneratedRegex("value '(?<value>.*)' at '(?<path>[^']*)' to type '(?<type>[^']*)'", RegexOptions.Singleline)]
    private static partial Regex Conversion();
}
