using System.Reflection;
using System.Runtime.CompilerServices;

using SmsGateway.Core.Settings;

namespace SmsGateway.Tests.Docs;

/// <summary><c>UPDATE_DOCS=1 ./test ConfigurationTable</c> writes the table anew.</summary>
public sealed class ConfigurationTableUnitTests
{
    private const string Begin = "<!-- begin of the table: UPDATE_DOCS=1 ./test ConfigurationTable -->\n";
    private const string End = "<!-- end of the table -->";

    [Fact]
    public async Task ConfigurationTable_is_that_of_the_options_classes()
    {
        string file = Path.Combine(Folder(), "..", "..", "docs", "configuration.md");
        string text = await File.ReadAllTextAsync(file);
        int begin = text.IndexOf(Begin, StringComparison.Ordinal) + Begin.Length;
        int end = text.IndexOf(End, begin, StringComparison.Ordinal);
        string table = SettingsTable.Write();
        if (Environment.GetEnvironmentVariable("UPDATE_DOCS") == "1")
        {
            await File.WriteAllTextAsync(file, text[..begin] + table + text[end..]);
            return;
        }

        Assert.Equal(table, text[begin..end]);
    }

    [Fact]
    public void ConfigurationTable_has_a_meaning_for_every_setting()
    {
        Assert.All(
            SettingsTable.Write().Split('\n').Where(line => line.StartsWith("| `", StringComparison.Ordinal)),
            line => Assert.False(string.IsNullOrWhiteSpace(line.Split(" | ")[3]), line));
    }

    [Fact]
    public void Section_that_two_programs_read_into_two_classes_knows_all_of_its_settings()
    {
        foreach (var section in SettingsTable.Classes.Where(one => one.Type.GetProperty(one.Section) is null).GroupBy(one => one.Section))
        {
            var all = section.SelectMany(one => Names(one.Type)).ToHashSet();
            Assert.All(section, one => Assert.True(
                all.SetEquals(Names(one.Type).Concat(one.Type.GetCustomAttribute<SharedSectionAttribute>()?.Others ?? [])), $"{one.Type} does not name the others of {one.Section}"));
        }
    }

    private static IEnumerable<string> Names(Type type) => type.GetProperties().Select(property => property.Name);

    private static string Folder([CallerFilePath] string file = "") => Path.GetDirectoryName(file)!;
}
