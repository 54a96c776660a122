namespace SmsGateway.Load;

/// <summary>One run of a case.</summary>
/// <param name="Duration">How long to measure.</param>
/// <param name="LoadFolder">The folder <c>load/</c> of the checkout.</param>
internal sealed record BenchRun(TimeSpan Duration, string LoadFolder)
{
    /// <summary>Makes the request ids of this run unlike those of every other.</summary>
    public string Id { get; } = Guid.CreateVersion7().ToString("N")[^12..];

    /// <summary>A part of the duration, but not so little that it measures nothing.</summary>
    public TimeSpan Part(double part) => TimeSpan.FromSeconds(Math.Max(1, Math.Round(Duration.TotalSeconds * part)));

    /// <summary>Tells whoever waits what is going on; stdout is kept for the result.</summary>
    public static void Say(string text) => Console.Error.WriteLine($"  {text}");
}
