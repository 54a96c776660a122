namespace SmsGateway.Core.Settings;

/// <summary>
/// Names the settings of the same section that another process reads, and this one does not: both get the same environment, so they are no mistakes.
/// </summary>
[AttributeUsage(AttributeTargets.Class)]
public sealed class SharedSectionAttribute(params string[] others) : Attribute
{
    public IReadOnlyList<string> Others { get; } = others;
}
