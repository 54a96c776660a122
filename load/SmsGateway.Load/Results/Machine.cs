using System.Runtime.InteropServices;

using SmsGateway.Load.Generators;

namespace SmsGateway.Load.Results;

/// <summary>What a result is worth nothing without: where, with what and of which commit it was measured.</summary>
internal sealed record Machine
{
    public required string Processor { get; init; }

    public required int Processors { get; init; }

    public required int MemoryGigabytes { get; init; }

    public required string System { get; init; }

    /// <summary>Program → version.</summary>
    public required IReadOnlyDictionary<string, string> Versions { get; init; }

    /// <summary>The commit; with <c>+</c> where files differ from it.</summary>
    public required string Commit { get; init; }

    public required DateTimeOffset At { get; init; }

    public static async Task<Machine> ReadAsync(string repository, TimeProvider time, CancellationToken cancellationToken)
    {
        async Task<string> AskAsync(string program, params string[] arguments)
        {
            var answer = await Tool.TryRunAsync(program, arguments, cancellationToken);
            return answer?.Split('\n', 2)[0].Trim() ?? "";
        }

        string commit = await AskAsync("git", "-C", repository, "rev-parse", "--short", "HEAD");
        string changed = await AskAsync("git", "-C", repository, "status", "--porcelain", "--untracked-files=no");
        return new()
        {
            Processor = ReadField("/proc/cpuinfo", "model name") ?? RuntimeInformation.ProcessArchitecture.ToString(),
            Processors = Environment.ProcessorCount,
            MemoryGigabytes = (int)Math.Round(GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / (double)(1 << 30)),
            System = RuntimeInformation.OSDescription,
            Versions = new Dictionary<string, string>
            {
                ["dotnet"] = Environment.Version.ToString(),
                ["redis"] = Word(await AskAsync("redis-server", "--version"), "v="),
                ["postgres"] = Word(await AskAsync("psql", "--version"), "(PostgreSQL) "),
                ["nginx"] = Word(await AskAsync("nginx", "-v"), "nginx/"),
                ["wrk"] = Word(await AskAsync("dpkg-query", "-W", "-f", "wrk ${Version}", "wrk"), "wrk "),
            },
            Commit = changed.Length > 0 ? $"{commit}+" : commit,
            At = time.GetUtcNow(),
        };
    }

    private static string? ReadField(string file, string name) => !File.Exists(file) ? null : File.ReadLines(file)
        .FirstOrDefault(line => line.StartsWith(name, StringComparison.Ordinal))?.Split(':', 2)[1].Trim();

    /// <summary>The word after a mark.</summary>
    private static string Word(string text, string mark)
    {
        int start = text.IndexOf(mark, StringComparison.Ordinal);
        return start < 0 ? "?" : text[(start + mark.Length)..].Split(' ', 2)[0];
    }
}
