using System.Globalization;
using System.Text.RegularExpressions;
using Microsoft.Extensions.Configuration;

namespace SmsGateway.AppHost;

/// <summary>
/// Reads settings of the AppHost. One that is left out or empty has its default; a wrong one stops the start with a
/// <see cref="DistributedApplicationException"/> that names it, its value and what is allowed.
/// </summary>
internal static class Setting
{
    public static T Choice<T>(IConfiguration configuration, string key, T otherwise)
        where T : struct, Enum
    {
        var value = configuration[key];
        if (string.IsNullOrEmpty(value))
        {
            return otherwise;
        }

        var names = Enum.GetNames<T>();
        return names.Contains(value, StringComparer.OrdinalIgnoreCase)
            ? Enum.Parse<T>(value, ignoreCase: true)
            : throw Invalid(key, value, string.Join(", ", names.Select(name => name.ToLowerInvariant())));
    }

    public static int Number(IConfiguration configuration, string key, int otherwise, int least, int most)
    {
        var value = configuration[key];
        if (string.IsNullOrEmpty(value))
        {
            return otherwise;
        }

        return int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= least && number <= most
            ? number
            : throw Invalid(key, value, $"a whole number from {least} to {most}");
    }

    /// <summary>A text of one form, which the whole value must match: it goes into another program's configuration.</summary>
    public static string Text(IConfiguration configuration, string key, string otherwise, Regex form, string allowed)
    {
        var value = configuration[key];
        if (string.IsNullOrEmpty(value))
        {
            return otherwise;
        }

        return form.IsMatch(value) ? value : throw Invalid(key, value, allowed);
    }

    public static DistributedApplicationException Invalid(string key, string value, string allowed) =>
        new($"The setting {key} is '{value}'; allowed: {allowed}.");
}
