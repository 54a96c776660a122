using Aspire.Hosting;

using Microsoft.Extensions.Configuration;

using SmsGateway.AppHost;
using SmsGateway.Tests.Docs;

namespace SmsGateway.Tests.AppHost;

public sealed class SettingsFileUnitTests : IDisposable
{
    private readonly string _file = Path.GetTempFileName();

    public void Dispose() => File.Delete(_file);

    [Theory]
    [InlineData("""{ "Providers": [ { "Name": "acme" } ] }""", true)]
    [InlineData("""{ "Dispatch": { "MaxAttempts": 3 } }""", false)]
    public void Read_says_whether_it_names_providers(string content, bool namesProviders)
    {
        File.WriteAllText(_file, content);

        Assert.Equal(new SettingsFile(_file, namesProviders), Read(_file));
    }

    [Fact]
    public void Read_none_is_named_there_is_none() => Assert.Null(Read(null));

    [Fact]
    public void Read_what_cannot_be_read_stops_the_start_and_says_why()
    {
        File.WriteAllText(_file, "{ \"Providers\": [");

        Assert.Contains($"SettingsFile is '{_file}': ", Assert.Throws<DistributedApplicationException>(() => Read(_file)).Message, StringComparison.Ordinal);
        Assert.Contains("there is no such file", Assert.Throws<DistributedApplicationException>(() => Read($"{_file}.not")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Read_a_section_that_nobody_reads_stops_the_start_and_says_which_there_are()
    {
        File.WriteAllText(_file, """{ "Dispach": { "MaxAttempts": 3 } }""");

        Assert.Contains("Dispach is no section of the settings; there are: Accept, ",
            Assert.Throws<DistributedApplicationException>(() => Read(_file)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Sections_are_those_that_services_read() =>
        Assert.Equal(SettingsTable.Classes.Select(one => one.Section.Split(':')[0]).Distinct().Order(StringComparer.Ordinal), SettingsFile.Sections);

    private static SettingsFile? Read(string? file) => SettingsFile.Read(
        new ConfigurationBuilder().AddInMemoryCollection([KeyValuePair.Create(SettingsFile.Setting, file)]).Build(), Path.GetTempPath());
}
