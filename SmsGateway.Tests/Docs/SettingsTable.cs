using System.Collections;
using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Reflection;
using System.Text;
using System.Text.RegularExpressions;
using System.Xml.Linq;

using SmsGateway.Core.Settings;

namespace SmsGateway.Tests.Docs;

/// <summary>One setting as the table shows it.</summary>
internal sealed record Setting(string Name, string Default, string Allowed, string Meaning, string ReadBy);

/// <summary>
/// Makes the table of docs/configuration.md from the options classes: every class with a constant <c>Section</c>, its properties, their default, what
/// their attributes allow, and their doc comment.
/// </summary>
internal static partial class SettingsTable
{
    private static readonly (Assembly Assembly, string ReadBy)[] Programs =
    [
        (typeof(SmsGateway.Core.GatewayOptions).Assembly, "API, workers"),
        (typeof(SmsGateway.Api.RedisOptions).Assembly, "API"),
        (typeof(SmsGateway.Workers.Partitions.PartitionsOptions).Assembly, "workers"),
        (typeof(SmsGateway.ProviderSimulator.SimulatorOptions).Assembly, "simulator"),
    ];

    /// <summary>The classes that a section is read into.</summary>
    public static IEnumerable<(Type Type, string Section, string ReadBy)> Classes =>
        from program in Programs
        from type in program.Assembly.GetTypes()
        where type.IsClass && type.GetField("Section") is { IsLiteral: true }
        orderby type.FullName
        select (type, (string)type.GetField("Section")!.GetRawConstantValue()!, program.ReadBy);

    public static string Write()
    {
        var comments = Programs.ToDictionary(program => program.Assembly, program => ReadComments(program.Assembly));
        var settings = Classes
            .SelectMany(one => SettingsOf(one.Type, PrefixOf(one.Type, one.Section), one.ReadBy, comments))
            .GroupBy(setting => setting.Name, StringComparer.Ordinal)
            // Two programs read it, each into a class of its own: the one that says more about it is shown.
            .Select(same => same.MaxBy(setting => setting.Meaning.Length)! with
            {
                ReadBy = string.Join(", ", same.SelectMany(setting => setting.ReadBy.Split(", ")).Distinct().Order(StringComparer.Ordinal)),
            })
            .OrderBy(setting => setting.Name, StringComparer.Ordinal);
        var table = new StringBuilder("| setting | default | allowed | meaning | read by |\n|---|---|---|---|---|\n");
        foreach (var setting in settings)
        {
            table.Append(
                CultureInfo.InvariantCulture,
                $"| `{setting.Name}` | {Code(setting.Default)} | {Cell(setting.Allowed)} | {Cell(setting.Meaning)} | {setting.ReadBy} |\n");
        }

        return table.ToString();
    }

    /// <summary>A class that is bound to the root has its section as a property.</summary>
    private static string PrefixOf(Type type, string section) => type.GetProperty(section) is null ? $"{section}:" : "";

    private static IEnumerable<Setting> SettingsOf(Type type, string prefix, string readBy, Dictionary<Assembly, Dictionary<string, string>> comments)
    {
        object defaults = Activator.CreateInstance(type, nonPublic: true)!;
        foreach (var property in type.GetProperties().Where(property => property.CanWrite || IsList(property.PropertyType)))
        {
            string name = prefix + property.Name;
            var part = IsList(property.PropertyType) ? property.PropertyType.GetGenericArguments()[0] : property.PropertyType;
            if (comments.ContainsKey(part.Assembly) && part.IsClass)
            {
                foreach (var inner in SettingsOf(part, IsList(property.PropertyType) ? $"{name}:0:" : $"{name}:", readBy, comments))
                {
                    yield return inner;
                }
            }
            else
            {
                string meaning = comments[type.Assembly].GetValueOrDefault($"P:{type.FullName!.Replace('+', '.')}.{property.Name}", "");
                yield return new(
                    IsList(property.PropertyType) ? $"{name}:0" : name, IsSecret(property) ? "" : Describe(property.GetValue(defaults)), Allowed(property), meaning, readBy);
            }
        }
    }

    private static bool IsList(Type type) => type.IsGenericType && type.GetGenericTypeDefinition() == typeof(List<>);

    private static bool IsSecret(PropertyInfo property) => property.Name.EndsWith("Token", StringComparison.Ordinal) || property.Name.EndsWith("Secret", StringComparison.Ordinal);

    private static string Allowed(PropertyInfo property)
    {
        var type = Nullable.GetUnderlyingType(property.PropertyType) ?? property.PropertyType;
        var rules = new List<string>();
        if (type.IsEnum)
        {
            rules.Add(string.Join(", ", Enum.GetNames(type)));
        }
        else if (type == typeof(bool))
        {
            rules.Add("true, false");
        }

        if (property.GetCustomAttribute<RangeAttribute>() is { } range)
        {
            rules.Add(string.Create(CultureInfo.InvariantCulture, $"{range.Minimum} to {range.Maximum}"));
        }

        if (property.GetCustomAttribute<AllowedPatternAttribute>() is { } pattern)
        {
            rules.Add(pattern.Allowed);
        }

        if (IsSecret(property))
        {
            rules.Add("a secret, never printed");
        }

        return string.Join("; ", rules);
    }

    private static string Describe(object? value) => value switch
    {
        null or "" => "",
        bool flag => flag ? "true" : "false",
        IEnumerable and not string => "",
        IFormattable number => number.ToString(null, CultureInfo.InvariantCulture),
        _ => value.ToString()!,
    };

    private static string Code(string value) => value.Length == 0 ? "" : $"`{value}`";

    private static string Cell(string text) => text.Replace("|", "\\|", StringComparison.Ordinal);

    /// <summary>The summaries that the compiler has written beside the assembly.</summary>
    private static Dictionary<string, string> ReadComments(Assembly assembly) =>
        XDocument.Load(Path.ChangeExtension(assembly.Location, ".xml")).Descendants("member")
            .Where(member => member.Element("summary") is not null)
            .ToDictionary(member => member.Attribute("name")!.Value, member => Text(member.Element("summary")!), StringComparer.Ordinal);

    private static string Text(XElement summary) => Space().Replace(string.Concat(summary.Nodes().Select(node => node switch
    {
        XElement { Name.LocalName: "c" } code => $"`{code.Value}`",
        XElement { Name.LocalName: "see" } see => $"`{see.FirstAttribute!.Value.Split('.', ':')[^1]}`",
        _ => node.ToString(),
    })), " ").Trim();

    [GeneratedRegex("\\s+")]
    private static partial Regex Space();
}
