using System.ComponentModel.DataAnnotations;

namespace SmsGateway.Core.Settings;

/// <summary>How a setting is spelt in configuration.</summary>
internal static class SettingName
{
    private const string OptionsSuffix = "Options";

    /// <summary>
    /// <c>Ingest:BatchSize</c> for property BatchSize of IngestOptions: an options class is named after its section. An item of a list or a part of
    /// an option comes with its path already.
    /// </summary>
    public static string Of(ValidationContext context)
    {
        string own = $"{context.ObjectType.Name}.{context.MemberName}";
        return context.DisplayName == own || context.DisplayName == context.MemberName
            ? $"{context.ObjectType.Name.Replace(OptionsSuffix, "", StringComparison.Ordinal)}:{context.MemberName}"
            : context.DisplayName;
    }
}
