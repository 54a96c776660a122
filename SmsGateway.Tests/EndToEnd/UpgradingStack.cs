using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;

namespace SmsGateway.Tests.EndToEnd;

/// <summary>
/// A gateway that is upgraded while it runs. It starts with the API and the workers of another checkout, built, which the variable <c>UPGRADE_FROM</c> names
/// (<c>./bench upgrade</c> makes one); without it, with those of this one.
/// </summary>
public sealed class UpgradingStack : RunningStack
{
    private readonly Dictionary<ProjectResource, IProjectMetadata> _new = [];

    /// <summary>The checkout to begin with; null: this one.</summary>
    internal static string? From => Environment.GetEnvironmentVariable("UPGRADE_FROM") is { Length: > 0 } folder ? folder : null;

    /// <summary>From now on, whichever process starts is of the new version.</summary>
    internal void Deploy()
    {
        foreach (var (resource, metadata) in _new)
        {
            Replace(resource, metadata);
        }
    }

    private protected override void Prepare(DistributedApplicationModel model)
    {
        if (From is not { } from)
        {
            return;
        }

        // The simulator stays: it is no part of what is upgraded.
        foreach (var resource in model.Resources.OfType<ProjectResource>().Where(resource => resource.Name != "simulator"))
        {
            _new[resource] = resource.Annotations.OfType<IProjectMetadata>().Single();
            Replace(resource, new OtherCheckout(_new[resource], from));
        }
    }

    private static void Replace(ProjectResource resource, IProjectMetadata metadata)
    {
        resource.Annotations.Remove(resource.Annotations.OfType<IProjectMetadata>().Single());
        resource.Annotations.Add(metadata);
    }

    /// <summary>The same project there, built in the same configuration.</summary>
    private sealed class OtherCheckout(IProjectMetadata here, string folder) : IProjectMetadata
    {
        public string ProjectPath => Path.Combine(folder, Name, $"{Name}.csproj");

        /// <summary>By which the stand-in for Aspire starts it.</summary>
        public string AssemblyPath => Path.Combine(folder, Name, "bin", "Release", "net10.0", $"{Name}.dll");

        private string Name => Path.GetFileNameWithoutExtension(here.ProjectPath);
    }
}
