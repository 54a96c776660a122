using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Text.Json;

namespace SmsGateway.Tests.AppHost;

/// <summary>What the SDK would make images of, as it says itself. Making one needs a registry.</summary>
public sealed class ImageUnitTests
{
    [Theory]
    [InlineData("SmsGateway.Api")]
    [InlineData("SmsGateway.Workers")]
    public async Task Image_is_chiselled_without_ICU_and_not_root(string project)
    {
        var start = new ProcessStartInfo(
            "dotnet",
            ["msbuild", Path.Combine(Folder(), "..", "..", project), "-t:ComputeContainerConfig", "-getProperty:ContainerBaseImage,ContainerUser,InvariantGlobalization", "-p:Configuration=Release"])
        {
            RedirectStandardOutput = true,
        };
        using var process = Process.Start(start)!;
        string output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();

        Assert.True(process.ExitCode == 0, output);
        var properties = JsonDocument.Parse(output).RootElement.GetProperty("Properties");
        // Without "-extra": that is the one with ICU.
        Assert.EndsWith("/aspnet:10.0-noble-chiseled", properties.GetProperty("ContainerBaseImage").GetString(), StringComparison.Ordinal);
        Assert.Equal("true", properties.GetProperty("InvariantGlobalization").GetString());
        // The base image's own: 1654, a number, by which Kubernetes can tell that it is not root.
        Assert.Equal("", properties.GetProperty("ContainerUser").GetString());
    }

    private static string Folder([CallerFilePath] string file = "") => Path.GetDirectoryName(file)!;
}
