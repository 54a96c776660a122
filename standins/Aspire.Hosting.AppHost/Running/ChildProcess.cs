using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Aspire.Hosting.Running;

/// <summary>
/// A child in a session, and thus a process group, of its own: Ctrl-C in a terminal reaches only the AppHost, which then ends
/// its children in order. No child outlives the AppHost, however that died: beside each child a guard waits for the end of a
/// pipe that only the AppHost holds open, and then ends the group.
/// </summary>
internal sealed partial class ChildProcess
{
    // $$ is the child itself, for setsid and exec keep the process id. The guard reads from a copy of the pipe, since a shell
    // gives its background jobs an empty standard input. It ignores the signals that it sends to its own group, the same ones
    // in the same order as StopAsync.
    private const string Launcher = """
        exec 3<&0 </dev/null
        (
            trap '' TERM INT QUIT HUP
            read -r _ <&3
            kill -TERM -$$
            left=50
            while [ "$left" -gt 0 ] && kill -0 $$; do
                [ "$left" -ne 40 ] || kill -INT -$$
                sleep 0.1
                left=$((left - 1))
            done
            kill -KILL -$$
        ) >/dev/null 2>&1 &
        exec 3<&-
        exec "$@"
        """;

    private const int Sigint = 2;
    private const int Sigkill = 9;
    private const int Sigterm = 15;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(25);

    private readonly Process _process;
    private readonly TimeProvider _time;

    private ChildProcess(Process process, TimeProvider time, Task<int> exit)
    {
        _process = process;
        _time = time;
        Exit = exit;
    }

    public int Id => _process.Id;

    /// <summary>Ends with the exit code, which is 128 + the signal's number if one ended it.</summary>
    public Task<int> Exit { get; }

    public static ChildProcess Start(
        string command, IEnumerable<string> args, string workingDirectory, IReadOnlyDictionary<string, string?> environment, Action<string> log, TimeProvider time)
    {
        var start = new ProcessStartInfo("setsid", ["sh", "-c", Launcher, "sh", command, .. args])
        {
            WorkingDirectory = workingDirectory,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var (name, value) in environment)
        {
            start.Environment[name] = value;
        }

        var process = Process.Start(start)!;
        return new ChildProcess(process, time, WaitForExitAsync(process, log));
    }

    /// <summary>Asks politely, then as Ctrl-C does (PostgreSQL drops its clients only then), then kills.</summary>
    public async Task StopAsync()
    {
        (int Signal, TimeSpan Wait)[] ladder = [(Sigterm, Patience), (Sigint, Deadline)];
        foreach (var (signal, wait) in ladder)
        {
            Signal(signal);
            try
            {
                await Exit.WaitAsync(wait, _time);
                return;
            }
            catch (TimeoutException)
            {
                // The next rung.
            }
        }

        Signal(Sigkill);
        await Exit;
    }

    private void Signal(int signal)
    {
        // Once it is known to have exited, its id may belong to another process.
        if (!_process.HasExited)
        {
            _ = Kill(_process.Id, signal);
        }
    }

    private static async Task<int> WaitForExitAsync(Process process, Action<string> log)
    {
        var output = Task.WhenAll(CopyAsync(process.StandardOutput, log), CopyAsync(process.StandardError, log));
        await process.WaitForExitAsync();
        var exitCode = process.ExitCode;
        // The guard ends whatever the child may have left behind; only then does its output surely end.
        process.StandardInput.Close();
        await output;
        return exitCode;
    }

    private static async Task CopyAsync(StreamReader reader, Action<string> log)
    {
        while (await reader.ReadLineAsync() is { } line)
        {
            log(line);
        }
    }

    [LibraryImport("libc", EntryPoint = "kill", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Kill(int processId, int signal);
}
