using Aspire.Hosting;

using Microsoft.Extensions.Configuration;

using SmsGateway.AppHost;

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

    private static SettingsFile? Read(string? file) => SettingsFile.Read(
        new ConfigurationBuilder().AddInMemoryCollection([KeyValuePair.Create(SettingsFile.Setting, file)]).Build(), Path.GetTempPath());
}
