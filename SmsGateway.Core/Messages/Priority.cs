namespace SmsGateway.Core.Messages;

/// <summary>The lane of a message. Each lane has its own buffer and its own rotation of accounts.</summary>
public enum Priority
{
    /// <summary>Sent in turn.</summary>
    Normal,

    /// <summary>Sent before normal messages, at a dearer price.</summary>
    Express,
}

/// <summary>The names of the lanes as clients, Redis keys and the database spell them.</summary>
public static class Priorities
{
    public static readonly Priority[] All = [Priority.Express, Priority.Normal];

    /// <summary>The name of the lane: <c>normal</c> or <c>express</c>.</summary>
    public static string Name(this Priority priority) => priority switch
    {
        Priority.Normal => "normal",
        Priority.Express => "express",
        _ => throw new ArgumentOutOfRangeException(nameof(priority), priority, "unknown priority"),
    };

    /// <summary>Reads the name of a lane, exactly as <see cref="Name"/> writes it.</summary>
    public static bool TryParse(string? name, out Priority priority)
    {
        priority = name == "express" ? Priority.Express : Priority.Normal;
        return name is "normal" or "express";
    }
}
